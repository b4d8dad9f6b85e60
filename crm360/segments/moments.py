"""What a condition says of one person's events at a moment, which events decide it, and when that may next change. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crm360.segments import rules
from crm360.segments.rules import compared

#: Boundaries looked at for the one where a condition changes; past them the person is simply looked at again.
_LOOKED_AT = 64


class Happening(NamedTuple):
    """An event of one person. `ref` is the row it is read from."""

    at: datetime
    ref: int
    amount: float | None = None


class Answer(NamedTuple):
    """Whether a condition is met; up to three events that decide it, newest first; when it may change by time alone."""

    met: bool
    deciding: tuple[Happening, ...] = ()
    until: datetime | None = None
    number: float | None = None


def counted(leaf: rules.Counted, happened: Sequence[Happening], now: datetime) -> Answer:
    """`number` is how many count."""
    spans = [(each, *leaf.when.counts(each.at)) for each in happened]
    standing = [each for each, since, until in spans if _stands(since, until, now)]
    number, met = len(standing), compared(len(standing), leaf.op, leaf.n)
    steps = [(since, 1) for _, since, _ in spans if since and since > now]
    steps += [(until, -1) for _, since, until in spans if since and until and until > now]
    return Answer(met, _newest(standing), _crossing(leaf, number, met, steps), number)


def _crossing(leaf: rules.Counted, number: int, met: bool, steps: Iterable[tuple[datetime, int]]) -> datetime | None:
    for at, group in groupby(sorted(steps), key=lambda step: step[0]):
        number += sum(step for _, step in group)
        if compared(number, leaf.op, leaf.n) != met:
            return at
    return None


def totalled(leaf: rules.Totalled, happened: Sequence[Happening], now: datetime, value: float) -> Answer:
    """`value` is what the total is compared with, in the unit of the amounts; `number` the total."""
    known = [each for each in happened if each.amount is not None]
    spans = [(each, *leaf.when.counts(each.at)) for each in known]
    standing = [each for each, since, until in spans if _stands(since, until, now)]
    until = min((at for _, *edges in spans for at in edges if at and at > now), default=None)
    if not standing:
        return Answer(False, (), until)
    amounts = [each.amount or 0 for each in standing]
    sums = {"sum": sum(amounts), "avg": sum(amounts) / len(amounts), "max": max(amounts), "min": min(amounts)}
    return Answer(compared(sums[leaf.by], leaf.op, value), _newest(standing), until, sums[leaf.by])


def extreme(leaf: rules.Extreme, happened: Sequence[Happening], now: datetime) -> Answer:
    """Decided by the first, or the latest, that has happened by now."""
    past = [each for each in happened if each.at <= now]
    coming = min((each.at for each in happened if each.at > now), default=None)
    if not past:
        return Answer(False, (), coming)
    found = min(past) if leaf.which == "first" else max(past)
    since, until = leaf.when.counts(found.at)
    edges = [at for at in (since, until, coming if leaf.which == "latest" else None) if at and at > now]
    return Answer(_stands(since, until, now), (found,), min(edges, default=None))


def without(leaf: rules.Without, did: Sequence[Happening], others: Sequence[Happening], now: datetime) -> Answer:
    """Decided by the newest that was not followed; when each was, by the newest and what followed it."""
    found = _unfollowed(leaf, did, others, now)
    standing = [each for each in did if _stands(*leaf.when.counts(each.at), now)]
    deciding = (
        _newest(found) if found else (*_newest(_followers(leaf, standing, others, now))[:1], *_newest(standing)[:1])
    )
    edges = {at for each in did for at in (*leaf.when.counts(each.at), _deadline(leaf, each)) if at and at > now}
    edges |= {each.at for each in others if each.at > now}
    for number, at in enumerate(sorted(edges)):
        if number == _LOOKED_AT or bool(_unfollowed(leaf, did, others, at)) != bool(found):
            return Answer(bool(found), deciding, at)
    return Answer(bool(found), deciding)


def _unfollowed(
    leaf: rules.Without, did: Sequence[Happening], others: Sequence[Happening], now: datetime
) -> list[Happening]:
    return [
        each
        for each in did
        if _stands(*leaf.when.counts(each.at), now)
        and ((deadline := _deadline(leaf, each)) is None or deadline <= now)
        and not any(each.at < other.at <= min(now, deadline or now) for other in others)
    ]


def _followers(
    leaf: rules.Without, standing: Sequence[Happening], others: Sequence[Happening], now: datetime
) -> list[Happening]:
    return [
        other
        for other in others
        if any(each.at < other.at <= min(now, _deadline(leaf, each) or now) for each in standing)
    ]


def _deadline(leaf: rules.Without, event: Happening) -> datetime | None:
    return event.at + leaf.within.length if leaf.within else None


def aged(leaf: rules.Aged, born: date, now: datetime, zone: ZoneInfo) -> Answer:
    """May change on the next birthday."""
    today = now.astimezone(zone).date()
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    coming = next(day for year in (today.year, today.year + 1) if (day := _turned(born, year)) > today)
    return Answer(compared(years, leaf.op, leaf.years), (), midnight(coming, zone), years)


def _turned(born: date, year: int) -> date:
    """When a year of life is full: for the 29th of February the 1st of March."""
    return date(year, 3, 1) if (born.month, born.day) == (2, 29) and not _leap(year) else born.replace(year=year)


def birthday(leaf: rules.Birthday, born: date, now: datetime, zone: ZoneInfo) -> Answer:
    """May change when the birthday comes near enough, or the day after it."""
    today = now.astimezone(zone).date()
    coming = next(day for year in (today.year, today.year + 1) if (day := _kept(born, year)) >= today)
    near = coming - timedelta(days=leaf.days)
    met = near <= today
    return Answer(met, (), midnight(coming + timedelta(days=1) if met else near, zone))


def _kept(born: date, year: int) -> date:
    return date(year, 2, 28) if (born.month, born.day) == (2, 29) and not _leap(year) else born.replace(year=year)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment a day begins where the shop is."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def _stands(since: datetime | None, until: datetime | None, now: datetime) -> bool:
    return since is not None and since <= now and (until is None or now < until)


def _newest(happened: Iterable[Happening]) -> tuple[Happening, ...]:
    return tuple(sorted(happened, reverse=True, key=lambda each: (each.at, each.ref))[:3])
