"""Moments as people type them: the shop's own time, to the minute."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import current_app


def typed(text: str | None) -> datetime | None:
    """The moment of "2026-05-03T14:00", or of a day's end for "2026-05-03"; None for what is none."""
    try:
        found = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    if len((text or "").strip()) == len("2026-05-03"):
        found = found.replace(hour=23, minute=59, second=59)
    return found.replace(tzinfo=_zone()) if found.tzinfo is None else found


def typed_day(text: str | None) -> date | None:
    """The day of "2026-05-03"; None for what is none."""
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        return None


def field(at: datetime) -> str:
    """The value of an `<input type="datetime-local">`."""
    return at.astimezone(_zone()).strftime("%Y-%m-%dT%H:%M")


def _zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["SETTINGS"].timezone)
