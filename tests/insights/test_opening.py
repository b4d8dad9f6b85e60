"""Opening hours against counting minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm360.insights.opening import Opening

HOURS = {0: (540, 1020), 2: (0, 1440), 5: (600, 615)}
SHOP = Opening(zone="Europe/Warsaw", hours=HOURS, holidays={date(2026, 4, 6)})
#: Around the change of the clock on 29 March and a holiday on a Monday.
MOMENTS = st.integers(0, 21 * 24 * 60).map(lambda minute: datetime(2026, 3, 20, tzinfo=UTC) + timedelta(minutes=minute))


def is_open(at: datetime) -> bool:
    local = at.astimezone(ZoneInfo("Europe/Warsaw"))
    opens, closes = HOURS.get(local.weekday(), (0, 0))
    return opens <= local.hour * 60 + local.minute < closes and local.date() != date(2026, 4, 6)


@settings(max_examples=40)
@given(MOMENTS, MOMENTS)
def test_seconds_are_the_open_minutes(one: datetime, other: datetime):
    start, end = min(one, other), max(one, other)
    minutes = int((end - start).total_seconds() // 60)
    counted = sum(is_open(start + timedelta(minutes=number)) for number in range(minutes)) * 60
    assert SHOP.seconds(start, end) == counted
    assert SHOP.seconds(end, start) == 0


@settings(max_examples=40)
@given(MOMENTS, st.integers(1, 200_000))
def test_a_deadline_is_so_many_open_seconds_away(start: datetime, seconds: int):
    until = SHOP.after(start, seconds)
    assert until is not None
    assert SHOP.seconds(start, until) == pytest.approx(seconds)
    assert SHOP.seconds(start, until - timedelta(seconds=1)) == pytest.approx(seconds - 1)


def test_a_shop_that_never_opens_has_no_deadline():
    assert Opening(hours={}).after(datetime(2026, 3, 2, tzinfo=UTC), 60) is None
