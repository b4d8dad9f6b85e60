"""When a delivery is tried again, and when a receiver is left alone: pure arithmetic after Standard Webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b

#: Pauses before the second, third, … attempt. After the last attempt a delivery is given up.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
ATTEMPTS = len(PAUSES) + 1
#: Up to this share is added to a pause, so that what failed together does not come back together.
JITTER = 0.1
LONGEST_WAIT = timedelta(hours=24)
#: A receiver that took nothing for so long is paused.
PATIENCE = timedelta(days=5)

GONE = 410
_ASKS_FOR_TIME = (429, 503)


def pause_after(attempt: int, key: str) -> timedelta | None:
    """How long to wait after the failed attempt of this number (from 1); None when it was the last."""
    if attempt >= ATTEMPTS:
        return None
    drawn = int.from_bytes(blake2b(f"{key}.{attempt}".encode(), digest_size=4).digest(), "big") / 2**32
    return PAUSES[attempt - 1] * (1 + JITTER * drawn)


def asked_for(status: int | None, headers: Mapping[str, str], now: datetime) -> timedelta:
    """How long the receiver wants to be left alone (Retry-After with 429 and 503), a day at most."""
    text = headers.get("retry-after", "").strip()
    if status not in _ASKS_FOR_TIME or not text:
        return timedelta(0)
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=min(int(text), 10**6)), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return timedelta(0)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return min(max(at - now, timedelta(0)), LONGEST_WAIT)


def out_of_patience(failing_since: datetime | None, now: datetime) -> bool:
    """Whether nothing arrived for so long that the receiver is paused."""
    return failing_since is not None and now - failing_since >= PATIENCE
