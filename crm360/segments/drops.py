"""Segments written to folders at set times: whose turn it is, and what became of each turn.

A turn is settled before its file gets its name: a worker killed in between leaves a file that waits to be placed, and
the next one only places it. So whoever takes files away never meets the same turn twice.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select, update

from crm360.consents import definitions
from crm360.consents.reaching import ADDRESSES
from crm360.kernel import dialects, pausing
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, Invalid, NotFound
from crm360.segments import queries
from crm360.segments.models import Drop, Dropped

FORMS = ("csv", "xlsx")
LONGEST_KEPT = 90


class BadDrop(Invalid):
    """A drop that cannot be kept so."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, errors={field: [message]})


class NoSuchDrop(NotFound):
    """No drop has this id."""


class DropLost(Conflict):
    """Another worker took the drop over: this one was too slow, and its file is not the one."""


class Claim(NamedTuple):
    """A drop that is this worker's until `until`, and the moment of its turn."""

    id: int
    segment_id: int
    folder: str
    purpose: str
    channel: str
    form: str
    due_at: datetime
    until: datetime


class Listed(NamedTuple):
    """A drop, the name of its segment, and its last turns, the newest first."""

    drop: Drop
    segment: str
    turns: list[Dropped]


def create(
    *, segment_id: int, folder: str, purpose: str, channel: str, form: str, hour: int, weekday: int | None,
    keep_days: int, by: str, now: datetime,
) -> Drop:  # fmt: skip
    """Write a segment to a folder from its next turn on. Raises NoSuchSegment, BadDrop."""
    queries.get(segment_id)
    known = {
        "channel": channel in ADDRESSES, "form": form in FORMS, "hour": 0 <= hour <= 23,
        "weekday": weekday is None or 0 <= weekday <= 6, "purpose": purpose in definitions.catalogue(now=now).known,
    }  # fmt: skip
    if wrong := next((name for name, fine in known.items() if not fine), None):
        raise BadDrop(wrong, "Some choices of the scheduled file cannot be used.")
    if not 1 <= keep_days <= LONGEST_KEPT:
        raise BadDrop("keep_days", f"A file is kept 1 to {LONGEST_KEPT} days.")
    made = Drop(
        segment_id=segment_id, folder=folder, purpose=purpose, channel=channel, form=form, hour=hour, weekday=weekday,
        keep_days=keep_days, created_by=by, created_at=now,
    )  # fmt: skip
    made.due_at = next_turn(hour=hour, weekday=weekday, zone=_zone(), after=now)
    db.session.add(made)
    db.session.flush()
    return made


def next_turn(*, hour: int, weekday: int | None, zone: ZoneInfo, after: datetime) -> datetime:
    """The next moment at which the shop's clock shows the hour (of the weekday, when there is one)."""
    day = after.astimezone(zone).date()
    while True:
        at = datetime.combine(day, time(hour), zone).astimezone(after.tzinfo)
        if at > after and weekday in (None, day.weekday()):
            return at
        day += timedelta(days=1)


def pause(*, drop_id: int) -> Drop:
    """No turn until it is resumed. Raises NoSuchDrop."""
    drop = get(drop_id)
    drop.due_at = None
    db.session.flush()
    return drop


def resume(*, drop_id: int, now: datetime) -> Drop:
    """Turns again, from the next one on. Raises NoSuchDrop."""
    drop = get(drop_id)
    drop.due_at, drop.failures, drop.retry_at = _next_of(drop, now), 0, None
    db.session.flush()
    return drop


def due_now(*, drop_id: int, now: datetime) -> Drop:
    """Somebody does not want to wait for the turn. Raises NoSuchDrop."""
    drop = get(drop_id)
    drop.due_at, drop.retry_at = now, None
    db.session.flush()
    return drop


def remove(*, drop_id: int, now: datetime) -> Drop:
    """No turn follows; files not taken away yet go when their days are over. Raises NoSuchDrop."""
    drop = get(drop_id)
    drop.due_at, drop.removed_at = None, now
    db.session.flush()
    return drop


def get(drop_id: int) -> Drop:
    """Raises NoSuchDrop."""
    found = db.session.get(Drop, drop_id)
    if found is None or found.removed_at is not None:
        raise NoSuchDrop(f"There is no scheduled file {drop_id}.")
    return found


def listed(*, segment_id: int | None = None, turns: int = 5) -> list[Listed]:
    """Drops by their segments' names, those of one segment only if asked."""
    query = select(Drop, queries.Segment.name).join(queries.Segment).where(Drop.removed_at.is_(None))
    if segment_id is not None:
        query = query.where(Drop.segment_id == segment_id)
    found = [(drop, name) for drop, name in db.session.execute(query.order_by(queries.Segment.name, Drop.id))]
    last = _last_turns([drop.id for drop, _ in found], turns)
    return [Listed(drop, name, last.get(drop.id, [])) for drop, name in found]


def _last_turns(drop_ids: Collection[int], turns: int) -> dict[int, list[Dropped]]:
    place = func.row_number().over(partition_by=Dropped.drop_id, order_by=(Dropped.at.desc(), Dropped.id.desc()))
    ranked = select(Dropped.id, place.label("place")).where(Dropped.drop_id.in_(drop_ids)).subquery()
    query = select(Dropped).join(ranked, ranked.c.id == Dropped.id).where(ranked.c.place <= turns)
    found: dict[int, list[Dropped]] = {}
    for each in db.session.scalars(query.order_by(Dropped.at.desc(), Dropped.id.desc())):
        found.setdefault(each.drop_id, []).append(each)
    return found


def anything_waiting(*, now: datetime) -> bool:
    """Whether a drop has its turn, or a file waits to be placed or removed."""
    asked = (select(Drop.id).where(*_claimable(now)), select(Dropped.id).where(_unsettled(now)))
    return any(db.session.scalar(each.limit(1)) is not None for each in asked)


def claim(*, now: datetime, lease: timedelta) -> Claim | None:
    """The drop that has waited longest, made this worker's own. The caller commits before it writes."""
    query = select(Drop).where(*_claimable(now)).order_by(Drop.due_at, Drop.id).limit(1)
    drop = db.session.scalar(query.with_for_update(**dialects.skip_locked(db.session)))
    if drop is None or drop.due_at is None:
        return None
    drop.claimed_until = now + lease
    db.session.flush()
    return Claim(
        drop.id, drop.segment_id, drop.folder, drop.purpose, drop.channel, drop.form, drop.due_at, drop.claimed_until
    )


def written(*, mine: Claim, file: str, part: str, rows: int, left_out: int, now: datetime) -> Dropped:
    """The turn is over: its file is whole and only wants its name. Raises DropLost."""
    drop = _settle(mine, mine.due_at, now)
    drop.failures, drop.retry_at = 0, None
    made = Dropped(
        drop_id=mine.id, at=now, state="written", file=file, part=part, rows=rows, left_out=left_out,
        remove_at=now + timedelta(days=drop.keep_days),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def failed(*, mine: Claim, problem: str, now: datetime) -> Dropped:
    """The turn stays, and is tried again after a pause. Only the first of the same failures in a row is kept apart."""
    drop = _settle(mine, None, now)
    drop.failures += 1
    drop.retry_at = now + pausing.after(drop.failures)
    last = next(iter(_last_turns([mine.id], 1).get(mine.id, [])), None)
    if last is None or last.state != "failed":
        last = Dropped(drop_id=mine.id, state="failed")
        db.session.add(last)
    last.at, last.problem = now, problem[:500]
    db.session.flush()
    return last


def unsettled(*, now: datetime) -> list[Dropped]:
    """Files that wait to be placed, and placed ones whose days are over."""
    return list(db.session.scalars(select(Dropped).where(_unsettled(now)).order_by(Dropped.id)))


def _unsettled(now: datetime) -> ColumnElement[bool]:
    over = (Dropped.state == "placed") & (Dropped.remove_at <= now)
    return or_(Dropped.state == "written", over)


def _claimable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    free = or_(Drop.claimed_until.is_(None), Drop.claimed_until < now)
    rested = or_(Drop.retry_at.is_(None), Drop.retry_at <= now)
    return Drop.due_at <= now, free, rested


def _settle(mine: Claim, turn: datetime | None, now: datetime) -> Drop:
    """Give the drop back; after `turn` it has its next one, unless somebody asked for another meanwhile."""
    own = (Drop.id == mine.id) & (Drop.claimed_until == mine.until)
    values: dict[str, Any] = {"claimed_until": None}
    if db.session.execute(update(Drop).where(own).values(**values)).rowcount != 1:
        raise DropLost(f"Another worker took over the scheduled file {mine.id}.")
    drop = db.session.get_one(Drop, mine.id, populate_existing=True)
    if turn is not None and drop.due_at == turn:
        drop.due_at = _next_of(drop, now)
    return drop


def _next_of(drop: Drop, now: datetime) -> datetime:
    return next_turn(hour=drop.hour, weekday=drop.weekday, zone=_zone(), after=now)


def _zone() -> ZoneInfo:
    return dialects.shop_zone(db.session)
