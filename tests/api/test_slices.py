"""Pages of a list held in memory: every item once, whatever the size, and whatever comes or goes between two pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.api import slices
from crm360.kernel import paging

ITEMS = st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(0, 3), st.text(max_size=5)), unique=True, max_size=20)


def itself(item: slices.Order) -> slices.Order:
    return item


@given(items=ITEMS, limit=st.integers(1, 7))
def test_every_item_once_in_order(items: list[slices.Order], limit: int) -> None:
    found: list[slices.Order] = []
    cursor: str | None = ""
    while cursor is not None:
        page, cursor = slices.page(items, itself, after=cursor, limit=limit)
        found += page
    assert found == sorted(items)


def test_what_was_shown_may_go_and_what_comes_before_it_is_not_shown() -> None:
    page, cursor = slices.page([(1,), (3,), (5,)], itself, after="", limit=2)
    assert (page, bool(cursor)) == ([(1,), (3,)], True)
    assert slices.page([(0,), (1,), (4,), (5,)], itself, after=cursor or "", limit=2) == ([(4,), (5,)], None)


@pytest.mark.parametrize("place", ["", "{}", '"a"', '["a"]', "[null]"])
def test_cursors_nobody_gave_out(place: str) -> None:
    with pytest.raises(paging.BadCursor):
        slices.page([(1,), (2,)], itself, after=paging.encode(place), limit=1)
