"""The one place that reads the clock. Doors call it and pass `now` down; rooms never do."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, timezone-aware UTC."""
    return datetime.now(UTC)
