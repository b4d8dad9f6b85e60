"""Where an order stands after what happened to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.commerce.standing import STATUS_RANK, Standing, standing

CASES = [
    # stated, total, cancelled, refunds → status, refunded
    ("paid", 1000, False, [], Standing("paid", 0)),
    ("open", 1000, False, [], Standing("open", 0)),
    ("paid", 1000, True, [], Standing("cancelled", 0)),
    ("cancelled", 1000, False, [], Standing("cancelled", 0)),
    ("paid", 1000, False, [400], Standing("partially_refunded", 400)),
    ("paid", 1000, False, [400, 600], Standing("refunded", 1000)),
    ("paid", 1000, False, [400, 900], Standing("refunded", 1000)),
    ("paid", 1000, False, [None], Standing("refunded", 1000)),
    ("paid", 1000, False, [-400], Standing("partially_refunded", 400)),
    ("refunded", 1000, False, [], Standing("refunded", 1000)),
    ("partially_refunded", 1000, False, [], Standing("partially_refunded", 0)),
    ("paid", 1000, True, [400], Standing("cancelled", 400)),
    ("paid", 0, False, [None], Standing("refunded", 0)),
    ("paid", -1200, False, [], Standing("paid", 0)),
    ("announced", 0, True, [400], Standing("announced", 0)),
]


@pytest.mark.parametrize(("stated", "total", "cancelled", "refunds", "expected"), CASES)
def test_standing_follows_from_what_was_said_and_done(
    stated: str, total: int, cancelled: bool, refunds: list[int | None], expected: Standing
) -> None:
    assert standing(stated, total_minor=total, cancelled=cancelled, refunds=refunds) == expected


@given(
    st.sampled_from(sorted(STATUS_RANK)),
    st.integers(-(10**9), 10**9),
    st.booleans(),
    st.lists(st.none() | st.integers(-(10**6), 10**6)),
)
def test_never_more_is_refunded_than_was_paid(
    stated: str, total: int, cancelled: bool, refunds: list[int | None]
) -> None:
    found = standing(stated, total_minor=total, cancelled=cancelled, refunds=refunds)
    assert 0 <= found.refunded_minor <= max(total, 0)
    assert found == standing(stated, total_minor=total, cancelled=cancelled, refunds=refunds[::-1])
