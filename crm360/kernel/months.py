"""Months as people count them: the same day, or the last of a shorter month."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime


def later(at: datetime, months: int) -> datetime:
    """`at` so many months later; earlier for a negative number."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))
