"""How a moment is written when it leaves the house: REST, webhooks, signed records, files."""

from __future__ import annotations

from datetime import UTC, datetime


def zulu(at: datetime) -> str:
    """2026-03-02T10:30:00.000000Z: UTC and always six digits of a second, all a database keeps.

    So texts sort as the moments do, and what was read here and is said again is the same moment.
    """
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
