from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import example, given
from hypothesis import strategies as st

from crm360.api.fields import Instant
from crm360.kernel.iso8601 import zulu

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
SECOND = datetime(2026, 3, 2, 10, 30, 53, tzinfo=UTC)
moments = st.builds(
    lambda microseconds, zone: (SECOND + timedelta(microseconds=microseconds)).astimezone(zone),
    st.integers(-(10**15), 10**15),
    ZONES,
)


@given(moments, moments)
@example(SECOND, SECOND.replace(microsecond=430_000))
@example(SECOND.replace(microsecond=500_000), SECOND.replace(microsecond=430_000))
def test_texts_sort_as_the_moments_do(one: datetime, other: datetime) -> None:
    assert (zulu(one) < zulu(other)) == (one < other)
    assert (zulu(one) == zulu(other)) == (one == other)


@given(moments)
@example(SECOND)
def test_what_was_written_is_read_as_the_same_moment(at: datetime) -> None:
    assert Instant().deserialize(zulu(at)) == at
    assert len(zulu(at)) == len("2026-03-02T10:30:00.000000Z")
