"""Points in time as foreign systems write them → timezone-aware UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

_DAY = timedelta(hours=24)
_ON_ITS_WAY, _STEP = timedelta(minutes=1), timedelta(seconds=10)
_EARLIEST, _LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_TRAILING_ZONE = re.compile(r"\s*(?:UTC|GMT|Z)$", re.IGNORECASE)
_FRACTION = re.compile(r"(\.\d{6})\d+")
_OFFSET = re.compile(r"\s+([+-]\d\d):?(\d\d)$")


def instant(value: Any, zone: tzinfo = UTC) -> datetime | None:
    """ISO 8601, "2020-03-03 13:05:57 UTC", "2024-01-02 15:04:05.123456 +0000 UTC", Unix seconds or milliseconds.

    A time without an offset is read in `zone` (the earlier one when the clock shows it twice). None when `value` is no
    time, or lies outside 1970–2200.
    """
    found = _epoch(value) if isinstance(value, int | float) and not isinstance(value, bool) else _written(value, zone)
    return found if found is not None and _EARLIEST <= found <= _LATEST else None


def _epoch(seconds: float) -> datetime | None:
    if abs(seconds) > 1e11:
        seconds = seconds / 1000
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _written(value: Any, zone: tzinfo) -> datetime | None:
    if not isinstance(value, str) or not 8 <= len(value := value.strip()) <= 60:
        return None
    if len(value) >= 10 and value.isascii() and value.replace(".", "", 1).isdigit():
        return _epoch(float(value))
    bare = _TRAILING_ZONE.sub("", value)
    named_utc = bare != value
    bare = _FRACTION.sub(r"\1", _OFFSET.sub(r"\1:\2", bare))
    try:
        moment = datetime.fromisoformat(bare)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC if named_utc else zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def corrected_time(*, received_at: datetime, sent_at: datetime | None, original: datetime | None) -> datetime:
    """When an event happened by our clock: `received_at - (sent_at - original)`, the difference of clocks steadied.

    Requests of one device travel at different speeds, side by side and after retries, and its events must keep their
    order: up to a minute between sending and receiving is the way of the request, not a wrong clock, and beyond that the
    clock's error is taken in steps of ten seconds.

    `original` is what the client's clock showed at the event, `sent_at` at sending. A historical import names an old
    `original` on purpose and keeps it. Falls back to `received_at` when nothing usable is known: no original time, a
    client clock more than 24 hours off, or a result more than 24 hours ahead of us.
    """
    if original is None:
        return received_at
    if sent_at is None:
        moment = original
    elif abs(received_at - sent_at) <= _DAY:
        moment = original + _clock_error(received_at - sent_at)
    else:
        moment = original if sent_at - original > _DAY else received_at
    return moment if _EARLIEST <= moment <= received_at + _DAY else received_at


def _clock_error(difference: timedelta) -> timedelta:
    return timedelta(0) if abs(difference) <= _ON_ITS_WAY else round(difference / _STEP) * _STEP
