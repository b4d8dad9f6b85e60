"""Pairs of products against a plain count."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from crm360.commerce import copurchase

ROWS = st.lists(st.tuples(st.integers(1, 15), st.sampled_from("ABCDE")), max_size=80)


@given(ROWS)
@settings(max_examples=60)
def test_pairs_are_what_a_plain_count_finds(rows: list[tuple[int, str]]):
    owners = defaultdict(set)
    for customer, product in rows:
        owners[product].add(customer)
    everybody = len({customer for customer, _ in rows})
    expected = {
        (one, other, len(owners[one] & owners[other]), len(owners[one]), len(owners[other]), everybody)
        for one in owners
        for other in owners
        if one != other
        and len(owners[one] & owners[other]) >= copurchase.LEAST_BOTH
        and len(owners[one] & owners[other]) * everybody / (len(owners[one]) * len(owners[other]))
        >= copurchase.LEAST_LIFT
    }
    assert {tuple(pair) for pair in copurchase.pairs(rows)} == expected


def test_support_confidence_and_lift():
    sure = copurchase.Pair("mug", "coffee", both=30, buyers=40, other_buyers=50, customers=200)
    weak = copurchase.Pair("mug", "lamp", both=10, buyers=40, other_buyers=20, customers=200)
    assert (sure.support, sure.confidence, sure.lift) == (0.15, 0.75, 3.0)
    assert sorted([weak, sure], key=copurchase.surest) == [sure, weak]
