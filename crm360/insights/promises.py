"""Opening hours and promised times, as the shop states them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import holidays
from sqlalchemy import delete, select

from crm360.insights.models import OpenDay, Promise
from crm360.insights.opening import Opening
from crm360.insights.resolution import Target
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Invalid

#: Minutes of opening hours promised until somebody says otherwise.
USUAL = Target(first=60 * 60, next=120 * 60, resolution=16 * 60 * 60)
_DAY = 24 * 60


class BadHours(Invalid):
    """Hours that cannot be kept."""


class BadPromise(Invalid):
    """A promise of no time."""


def opening(*, zone: str, country: str) -> Opening:
    """The hours in force, in a zone, without a country's public holidays (ISO alpha-2; a country unknown has none)."""
    known = {row.weekday: (row.opens, row.closes) for row in db.session.scalars(select(OpenDay))}
    try:
        closed = holidays.country_holidays(country)
    except NotImplementedError:
        closed = holidays.HolidayBase()
    return Opening(zone=zone, hours=known, holidays=closed) if known else Opening(zone=zone, holidays=closed)


def targets() -> dict[str, Target]:
    """Promises by channel, in seconds; "" holds for channels without one of their own."""
    rows = db.session.scalars(select(Promise))
    found = {row.channel: Target(*map(_seconds, (row.first_minutes, row.next_minutes, row.resolution_minutes))) for row in rows}  # fmt: skip
    return {"": USUAL, **found}


def set_hours(*, hours: Mapping[int, tuple[int, int]], by: str, now: datetime) -> None:
    """Say when somebody answers: weekday → (opens, closes) in minutes. Raises BadHours."""
    if not hours:
        raise BadHours("The shop must be open on one day at least.", errors={"hours": ["open on one day at least"]})
    for weekday, (opens, closes) in hours.items():
        if weekday not in range(7) or not 0 <= opens < closes <= _DAY:
            raise BadHours("A day must open before it closes.", errors={"hours": ["opens before it closes"]})
    db.session.execute(delete(OpenDay))
    said = {"set_at": now, "set_by": by}
    rows = [{"weekday": day, "opens": opens, "closes": closes} | said for day, (opens, closes) in hours.items()]
    dialects.upsert(db.session, table_of(OpenDay), rows, ["weekday"])


def set_promise(*, channel: str, minutes: tuple[int | None, int | None, int | None], by: str, now: datetime) -> None:
    """Promise minutes to the first answer, each next one, the resolution; None: nothing. Raises BadPromise."""
    if any(each is not None and each <= 0 for each in minutes):
        raise BadPromise("A promise needs at least a minute.", errors={"minutes": ["at least one"]})
    names = ("first_minutes", "next_minutes", "resolution_minutes")
    row = {"channel": channel, **dict(zip(names, minutes, strict=True)), "set_at": now, "set_by": by}
    dialects.upsert(db.session, table_of(Promise), [row], ["channel"])


def _seconds(minutes: int | None) -> float | None:
    return None if minutes is None else minutes * 60.0


def take_back(*, channel: str) -> None:
    """Promise nothing of its own in a channel: what holds for all holds there again."""
    db.session.execute(delete(Promise).where(Promise.channel == channel))
