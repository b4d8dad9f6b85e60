"""Quintiles and scores."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm360.commerce import rfm

EDGES = rfm.Boundaries((10.0, 30.0, 90.0, 300.0), (1.0, 1.0, 2.0, 5.0), {"PLN": (10.0, 20.0, 30.0, 40.0)})


@pytest.mark.parametrize(
    ("days", "times", "spent", "currency", "expected"),
    [
        (0, 6, 41, "PLN", (5, 5, 5)),
        (10, 5, 40, "PLN", (5, 4, 4)),
        (11, 2, 10, "PLN", (4, 3, 1)),
        (300, 1, -5, "PLN", (2, 1, 1)),
        (301, 1, 900, "CHF", (1, 1, 1)),
    ],
    ids=["best", "at the edges", "just over", "returned all", "a currency nobody else has"],
)
def test_scores(days: int, times: int, spent: int, currency: str, expected: tuple[int, int, int]):
    found = rfm.scores(recency_days=days, purchase_days=times, spend_minor=spent, currency=currency, by=EDGES)
    assert found == expected


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=60))
@settings(max_examples=60)
def test_quintiles_cut_off_fifths(values: list[int]):
    edges = rfm.quintiles(values)
    assert list(edges) == sorted(edges)
    for part, edge in enumerate(edges, 1):
        assert sum(value <= edge for value in values) * 5 >= part * len(values)
        assert sum(value < edge for value in values) * 5 < part * len(values)


def test_distinct_values_fall_into_equal_classes():
    edges = rfm.Boundaries((), rfm.quintiles(range(100)), {})
    found = [rfm.scores(recency_days=0, purchase_days=n, spend_minor=0, currency="", by=edges)[1] for n in range(100)]
    assert [found.count(score) for score in range(1, 6)] == [20] * 5
