from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.kernel import paging
from crm360.kernel.errors import Invalid

moments = st.datetimes(timezones=st.just(UTC))
ids = st.integers(min_value=0, max_value=2**63 - 1)


@given(moments, ids)
def test_a_cursor_brings_back_what_it_was_made_of(at: datetime, row_id: int) -> None:
    assert paging.moment(paging.encode(at, row_id)) == (at, row_id)


@given(st.text(max_size=20), ids)
def test_a_cursor_holds_any_kind_of_key_and_needs_no_escaping_in_a_url(name: str, row_id: int) -> None:
    cursor = paging.encode(name, row_id)
    assert paging.decode(cursor, str, int) == (name, row_id)
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text())
def test_nonsense_is_refused_as_bad_input(text: str) -> None:
    with pytest.raises(Invalid):
        paging.moment(text)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        paging.encode(1, 2),
        paging.encode("2026-01-01T00:00:00", 2),
        paging.encode("not a time", 2),
        paging.encode(datetime(2026, 1, 1, tzinfo=UTC), 2**70),
        paging.encode(datetime(2026, 1, 1, tzinfo=UTC), "2"),
        paging.encode(datetime(2026, 1, 1, tzinfo=UTC)),
        "W10",
        "bnVsbA",
        "W3RydWUsdHJ1ZV0",
        "A" * 5000,
        "ł",
        "W1tbW1tb",
    ],
)
def test_a_cursor_of_another_list_or_a_forged_one_is_refused(cursor: str) -> None:
    with pytest.raises(paging.BadCursor):
        paging.moment(cursor)
