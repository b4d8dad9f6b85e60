"""The hours in which somebody can answer: opening hours by weekday in the shop's zone, public holidays left out. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: Farther ahead no deadline is looked for.
_MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Opening:
    """`hours`: weekday (0 Monday) → (opens, closes) in minutes of the local day; a weekday left out is closed."""

    zone: str = "Europe/Warsaw"
    hours: Mapping[int, tuple[int, int]] = field(default_factory=lambda: dict.fromkeys(range(5), (540, 1020)))
    holidays: Container[date] = frozenset()

    def seconds(self, start: datetime, end: datetime) -> float:
        """Seconds between two moments in which somebody could have answered."""
        if end <= start:
            return 0.0
        spans = self._spans(start, (end - start).days + 2)
        return sum(max((min(end, closes) - max(start, opens)).total_seconds(), 0.0) for opens, closes in spans)

    def after(self, start: datetime, seconds: float) -> datetime | None:
        """The moment at which so many of these seconds will have passed; None when that is beyond a year."""
        left = seconds
        for opens, closes in self._spans(start, _MOST_DAYS):
            here = (closes - max(start, opens)).total_seconds()
            if here >= left and here > 0:
                return max(start, opens) + timedelta(seconds=left)
            left -= max(here, 0.0)
        return None

    def _spans(self, start: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        zone = ZoneInfo(self.zone)
        first = start.astimezone(zone).date()
        for on in (first + timedelta(days=number) for number in range(days)):
            if on.weekday() in self.hours and on not in self.holidays:
                opens, closes = (_at(on, minute, zone) for minute in self.hours[on.weekday()])
                yield opens, closes


def _at(on: date, minute: int, zone: ZoneInfo) -> datetime:
    """A minute of a local day; 1440 is its end."""
    on, minute = (on + timedelta(days=1), 0) if minute >= 1440 else (on, minute)
    return datetime.combine(on, time(minute // 60, minute % 60), zone).astimezone(UTC)
