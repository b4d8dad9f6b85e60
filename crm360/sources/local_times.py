"""Times that a system writes in its own zone, without saying which: the source's setting `timezone` knows."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm360.sources.base import Payload


def zone_of(payload: Payload) -> tzinfo:
    """The IANA zone in the payload's headers (settings of its source); UTC when there is none or it is unknown."""
    try:
        return ZoneInfo(payload.headers.get("timezone", ""))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
