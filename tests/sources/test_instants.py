from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.sources.instants import corrected_time, instant

NOW = datetime(2024, 6, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-03-15T09:00:00.000Z", "2024-03-15T09:00:00+00:00"),
        ("2024-03-15T10:00:00+01:00", "2024-03-15T09:00:00+00:00"),
        ("2024-03-15 09:00:00 UTC", "2024-03-15T09:00:00+00:00"),
        ("2024-01-02 15:04:05.123456 +0000 UTC", "2024-01-02T15:04:05.123456+00:00"),
        ("2024-03-15T09:00:00.123456789Z", "2024-03-15T09:00:00.123456+00:00"),
        ("2024-03-15", "2024-03-15T00:00:00+00:00"),
        (1710493200, "2024-03-15T09:00:00+00:00"),
        (1710493200000, "2024-03-15T09:00:00+00:00"),
        ("1710493200", "2024-03-15T09:00:00+00:00"),
        (1710493200.5, "2024-03-15T09:00:00.500000+00:00"),
    ],
)
def test_times_as_systems_write_them(written, expected):
    assert instant(written) == datetime.fromisoformat(expected)


@pytest.mark.parametrize("written", ["", None, True, "yesterday", [], {}, 1e30, -5, float("nan"), "9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+14:00"])  # fmt: skip
def test_what_is_no_time(written):
    assert instant(written) is None


def test_the_hour_the_clock_shows_twice_is_the_first():
    assert instant("2024-10-27 02:30:00", ZoneInfo("Europe/Warsaw")) == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)


@given(st.text() | st.floats() | st.integers())
def test_anything_is_utc_or_nothing(value):
    found = instant(value)
    assert found is None or found.utcoffset() == timedelta(0)


def ago(**delta):
    return NOW - timedelta(**delta)


@pytest.mark.parametrize(
    ("what", "sent_at", "original", "expected"),
    [
        ("nothing known", None, None, NOW),
        ("no sending time: the time as given", None, ago(minutes=7), ago(minutes=7)),
        ("a clock right on time", NOW, ago(seconds=5), ago(seconds=5)),
        ("forty seconds on its way, not a wrong clock", ago(seconds=40), ago(seconds=41), ago(seconds=41)),
        ("two hours slow, two seconds on its way", ago(hours=2, seconds=2), ago(hours=2, seconds=7), ago(seconds=7)),
        ("a clock two hours slow", ago(hours=2), ago(hours=2, seconds=5), ago(seconds=5)),
        ("a clock three hours fast", NOW + timedelta(hours=3), NOW + timedelta(hours=2, minutes=59), ago(minutes=1)),
        ("offline for three days", NOW, ago(days=3), ago(days=3)),
        ("a historical import", NOW, ago(days=700), ago(days=700)),
        ("a historical import without sending time", None, ago(days=700), ago(days=700)),
        ("a historical import sent again later", ago(days=3), ago(days=700), ago(days=700)),
        ("a clock a year slow", ago(days=365), ago(days=365, seconds=5), NOW),
        ("a clock a year fast", NOW + timedelta(days=365), NOW + timedelta(days=365), NOW),
        ("an event of next week", None, NOW + timedelta(days=7), NOW),
        ("an event an hour ahead", None, NOW + timedelta(hours=1), NOW + timedelta(hours=1)),
        ("a dead battery", None, datetime(1970, 1, 1, tzinfo=UTC), NOW),
    ],
)
def test_corrected_time(what, sent_at, original, expected):
    assert corrected_time(received_at=NOW, sent_at=sent_at, original=original) == expected, what


@given(delays=st.lists(st.floats(0, 4.9), min_size=2, max_size=8), hours=st.integers(-20, 20))
def test_events_of_one_clock_keep_their_order_however_long_each_was_on_its_way(delays, hours):
    clock = timedelta(hours=hours)
    said = [ago(minutes=5) + timedelta(milliseconds=number) + clock for number in range(len(delays))]
    times = [
        corrected_time(received_at=each - clock + timedelta(seconds=delay), sent_at=each, original=each)
        for each, delay in zip(said, delays, strict=True)
    ]
    assert times == sorted(times)
    assert all(abs(time - (each - clock)) <= timedelta(seconds=5) for time, each in zip(times, said, strict=True))


moments = st.datetimes(timezones=st.just(UTC))


@given(sent_at=st.none() | moments, original=st.none() | moments)
def test_corrected_time_is_never_more_than_a_day_ahead(sent_at, original):
    assert corrected_time(received_at=NOW, sent_at=sent_at, original=original) <= NOW + timedelta(days=1)
