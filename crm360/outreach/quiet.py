"""When a message may arrive: not in the night of whoever gets it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pytz import country_timezones

from crm360.normalise.country import country

#: A country of more zones than this has no hour that suits them all; its first one counts.
_MOST_ZONES = 12


def zones_of(named_country: str, otherwise: str) -> tuple[str, ...]:
    """The time zones somebody of a country may live in; `otherwise` the shop's, for who said none."""
    code = country(named_country) if named_country else None
    found = tuple(country_timezones.get(code, ())) if code else ()
    return found if 0 < len(found) <= _MOST_ZONES else (found[:1] or (otherwise,))


def is_quiet(at: datetime, zone: str, begin: int, end: int) -> bool:
    """Whether it is night: from `begin` o'clock to `end` o'clock there. Equal hours: never."""
    hour = at.astimezone(ZoneInfo(zone)).hour
    return begin <= hour < end if begin <= end else hour >= begin or hour < end


def earliest(now: datetime, zones: Sequence[str], begin: int, end: int) -> datetime:
    """`now`, or the next full hour at which it is day in all of `zones`; in the first of them when there is none."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    moments = [now, *(hour + timedelta(hours=count) for count in range(1, 49))]
    for asked in (zones, zones[:1]):
        for at in moments:
            if not any(is_quiet(at, zone, begin, end) for zone in asked):
                return at
    return now
