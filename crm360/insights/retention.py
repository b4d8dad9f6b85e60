"""Who comes back: cohorts, repeat rate, retention from month to month, time between purchases. Pure.

Everything is told of purchase days (ordinals, see `commerce.purchase_history`); a month is a number: year × 12 + month − 1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from crm360.insights.percentiles import percentile, spread

#: The repeat rate looks so far after the first purchase, at customers who have had that long.
REPEAT_DAYS = 90
#: Purchases told of one by one.
MOST_STEPS = 5
#: Pauses are drawn in these classes: up to so many days.
PAUSES = (7, 14, 30, 60, 90, 180, 365)

History = Mapping[int, Sequence[int]]


def month_of(ordinal: int) -> int:
    """The month a day is in."""
    on = date.fromordinal(ordinal)
    return on.year * 12 + on.month - 1


def first_of(month: int) -> date:
    """The first day of a month."""
    return date(month // 12, month % 12 + 1, 1)


def months_of(history: History) -> dict[int, list[int]]:
    """Each customer's months with a purchase, ascending."""
    return {whose: sorted({month_of(day) for day in days}) for whose, days in history.items() if days}


def cohorts(history: History, *, until: int) -> list[dict[str, Any]]:
    """Customers by the month of their first purchase, and how many of them bought in each month from then to `until`.

    Retention of a cohort in its n-th month is `active[n] / size`. Oldest first.
    """
    bought = months_of(history)
    counted: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for months in bought.values():
        counted[months[0]].update(month - months[0] for month in months)
    return [
        {
            "month": first_of(first).isoformat()[:7],
            "size": counted[first][0],
            "active": [counted[first][age] for age in range(until - first + 1)],
        }
        for first in sorted(counted)
        if first <= until
    ]


def repeat_rate(history: History, *, today: int) -> dict[str, Any]:
    """Share of customers with a second purchase day: ever, and within 90 days among those who had them.

    {"customers", "repeaters", "rate", "seasoned", "seasoned_repeaters", "seasoned_rate"}; rates None of nobody.
    """
    bought = [days for days in history.values() if days]
    repeaters = sum(len(days) > 1 for days in bought)
    seasoned = [days for days in bought if today - days[0] >= REPEAT_DAYS]
    soon = sum(len(days) > 1 and days[1] - days[0] <= REPEAT_DAYS for days in seasoned)
    return {
        "customers": len(bought),
        "repeaters": repeaters,
        "rate": share(repeaters, len(bought)),
        "seasoned": len(seasoned),
        "seasoned_repeaters": soon,
        "seasoned_rate": share(soon, len(seasoned)),
    }


def monthly_retention(history: History, *, until: int) -> list[dict[str, Any]]:
    """For each month how many bought in the month before, and how many of those bought again. Oldest first."""
    buyers: defaultdict[int, set[int]] = defaultdict(set)
    for whose, months in months_of(history).items():
        for month in months:
            buyers[month].add(whose)
    if not buyers:
        return []
    found = []
    for month in range(min(buyers) + 1, until + 1):
        before = buyers.get(month - 1, set())
        kept = len(before & buyers.get(month, set()))
        found.append({"month": first_of(month).isoformat()[:7], "before": len(before), "kept": kept, "rate": share(kept, len(before))})  # fmt: skip
    return found


def pauses(history: History) -> dict[str, Any]:
    """Days between consecutive purchase days of every customer: median, quartiles, and how many fall into each class."""
    found = [later - earlier for days in history.values() for earlier, later in pairwise(days)]
    classes = Counter(bisect_right(PAUSES, pause - 1) for pause in found)
    return spread(found) | {"classes": [classes[place] for place in range(len(PAUSES) + 1)]}


def steps(history: History) -> list[dict[str, Any]]:
    """How many customers reached their n-th purchase day, and the median of days it came after the one before."""
    found = []
    for number in range(1, MOST_STEPS + 1):
        reached = [days for days in history.values() if len(days) >= number]
        waited = sorted(days[number - 1] - days[number - 2] for days in reached) if number > 1 else []
        found.append({"purchase": number, "customers": len(reached), "median": percentile(waited, 0.5)})
    return found


def share(part: int, whole: int) -> float | None:
    """A rate, None when there is nothing to be a part of."""
    return part / whole if whole else None
