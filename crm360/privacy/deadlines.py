"""Until when a request must be met: one month after its receipt, as the law counts months."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Container
from datetime import date, timedelta
from functools import lru_cache

_SATURDAY = 5


def due_on(received_on: date, *, months: int = 1, free_days: Container[date] = ()) -> date:
    """The day of the same number `months` later, or that month's last day when it has no such day; from a weekend or one
    of `free_days` on to the next working day (Regulation 1182/71, articles 3(2)(c) and 3(4)).
    """
    month = received_on.month - 1 + months
    year, month = received_on.year + month // 12, month % 12 + 1
    return moved(date(year, month, min(received_on.day, monthrange(year, month)[1])), free_days=free_days)


def moved(due: date, *, days: int = 0, free_days: Container[date] = ()) -> date:
    """`days` later, and on from a weekend or a free day to the next working day."""
    due += timedelta(days=days)
    while due.weekday() >= _SATURDAY or due in free_days:
        due += timedelta(days=1)
    return due


def alarm(due: date, today: date) -> int | None:
    """The narrowest of 14, 7, 2 and 0 days that are left at most; None: there is time."""
    left = (due - today).days
    return next((mark for mark in (0, 2, 7, 14) if left <= mark), None)


@lru_cache(maxsize=64)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """Public holidays of a country (ISO alpha-2) in a year and the next; none when its calendar is not known."""
    import holidays  # slow to load, and only the day a request comes needs it

    try:
        return frozenset(holidays.country_holidays(country, years=[year, year + 1]))
    except NotImplementedError:
        return frozenset()
