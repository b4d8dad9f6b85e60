"""Moments of the demo's eighteen months: opening hours, evenings on the sofa, and days that recur each year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

SPAN = timedelta(days=548)
_ZONE = ZoneInfo("Europe/Warsaw")
#: Online shopping by hour of the day, midnight first.
_ONLINE = (3, 1, 1, 1, 1, 2, 5, 10, 14, 16, 18, 18, 20, 18, 16, 15, 16, 18, 22, 28, 34, 36, 24, 10)
_WEEKDAYS = (8, 8, 9, 10, 13, 18, 0)  # tills by day: most shops are shut on Polish Sundays


def start(anchor: datetime) -> datetime:
    """When the story begins."""
    return anchor - SPAN


def evening(rng: Random, day: datetime) -> datetime:
    """A moment of that day when people shop online."""
    return _at(day.date(), rng.choices(range(24), _ONLINE)[0], rng)


def opening_hours(rng: Random, day: datetime) -> datetime:
    """A moment within opening hours of that day; of the Saturday before when it is a Sunday."""
    chosen = day - timedelta(days=1) if day.weekday() == 6 else day
    if rng.random() > _WEEKDAYS[chosen.weekday()] / 18 and chosen.weekday() < 4:
        chosen += timedelta(days=5 - chosen.weekday())
    return _at(chosen.date(), rng.choices(range(10, 20), (6, 8, 10, 10, 9, 10, 12, 13, 10, 6))[0], rng)


def office_hours(rng: Random, day: datetime) -> datetime:
    """A moment when somebody answers the chat."""
    return _at(day.date(), rng.choice((9, 9, 10, 11, 12, 13, 14, 15, 16, 17)), rng)


def latest(anchor: datetime, *, month: int, day: int) -> date:
    """The last such day of the year before `anchor`."""
    found = date(anchor.year, month, day)
    return found if found < anchor.date() else date(anchor.year - 1, month, day)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """That moment by a clock in Poland, in UTC."""
    return datetime.combine(day, time(hour, minute), _ZONE).astimezone(UTC)


def in_poland(moment: datetime) -> datetime:
    """The moment as a clock in Poland shows it."""
    return moment.astimezone(_ZONE)


def _at(day: date, hour: int, rng: Random) -> datetime:
    return local(day, hour, rng.randrange(60)) + timedelta(seconds=rng.randrange(60))
