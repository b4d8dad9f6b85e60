"""The order of the review queue and its filters: pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crm360.web import queue


@dataclass(frozen=True)
class Pair:
    left_profile_id: int
    right_profile_id: int
    weight: float
    left_contact_id: int = 1
    right_contact_id: int = 2
    evidence: list[dict[str, Any]] = field(default_factory=list)


SOURCES = {1: "shop", 2: "till", 3: "shop"}


def said(name: str, bits: float) -> dict[str, Any]:
    return {"field": name, "level": "same", "bits": bits, "left": "", "right": ""}


def test_what_is_sure_and_worth_most_comes_first():
    pairs = [Pair(1, 2, 7.0), Pair(3, 4, 4.0), Pair(5, 6, 5.0)]
    spent = {3: {"PLN": 90_000}, 4: {"PLN": 10_000, "EUR": 1}, 5: {"PLN": 5_000}}
    asked = queue.questions(pairs, spent, SOURCES)
    assert [each.ids for each in asked] == [(3, 4), (5, 6), (1, 2)]
    assert (asked[0].stake_minor, asked[0].currency) == (100_000, "PLN")


def test_pairs_without_purchases_come_by_weight():
    asked = queue.questions([Pair(1, 2, 0.0), Pair(3, 4, 6.5)], {}, SOURCES)
    assert [each.key for each in asked] == ["3-4", "1-2"]
    assert asked[0].stake_minor == 0


def test_filters_look_at_what_agrees_and_at_the_sources():
    phone = Pair(1, 2, 5.0, evidence=[said("phone", 4), said("given_name", -2)])
    names = Pair(3, 4, 5.0, 1, 3, evidence=[said("given_name", 6), said("phone", 0)])
    asked = queue.questions([phone, names], {}, SOURCES)
    assert [each.ids for each in queue.chosen(asked, reason="phone")] == [(1, 2)]
    assert [each.ids for each in queue.chosen(asked, sources="shop + shop")] == [(3, 4)]
    assert queue.chosen(asked, reason="phone", sources="shop + shop") == []
    assert queue.reasons(asked) == [queue.Choice("given_name", 1), queue.Choice("phone", 1)]
    assert queue.source_pairs(asked) == [queue.Choice("shop + shop", 1), queue.Choice("shop + till", 1)]


@given(st.lists(st.tuples(st.floats(-5, 60), st.integers(-(10**9), 10**9)), max_size=8))
def test_no_pair_is_lost_or_repeated(given_pairs):
    pairs = [Pair(2 * at, 2 * at + 1, weight) for at, (weight, _) in enumerate(given_pairs)]
    spent = {2 * at: {"PLN": minor} for at, (_, minor) in enumerate(given_pairs)}
    asked = queue.questions(pairs, spent, SOURCES)
    assert sorted(each.ids[0] for each in asked) == [2 * at for at in range(len(pairs))]
    assert [each.urgency for each in asked] == sorted((each.urgency for each in asked), reverse=True)
