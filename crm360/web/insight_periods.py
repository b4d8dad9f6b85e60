"""Periods as links of the insights pages name them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from crm360.insights import figures
from crm360.insights.experience import Period
from crm360.insights.retention import first_of


def period_of(window: str) -> Period | None:
    """`now` and `before` of the experience page, or a month ("2026-03"); None for anything else."""
    kept = figures.of("experience")
    span = timedelta(days=figures.EXPERIENCE_DAYS)
    if window in ("now", "before") and kept is not None:
        end = kept.computed_at if window == "now" else kept.computed_at - span
        return Period(end - span, end)
    first = month(window)
    return None if first is None else figures.month(first)


def month(text: str) -> date | None:
    """ "2026-03" → its first day; None for anything else."""
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def before(first: date) -> date:
    """The month before."""
    return first_of(_number(first) - 1)


def _number(first: date) -> int:
    return first.year * 12 + first.month - 1
