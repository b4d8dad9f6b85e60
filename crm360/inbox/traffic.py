"""What arrives: how much of each source, when last, what stands in the live tail. Never reads the whole inbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import case, func, literal, select

from crm360.inbox.models import Payload, Poll, Source
from crm360.inbox.queries import QUARANTINED
from crm360.kernel.db import db

HOURS = 24


@dataclass(slots=True)
class Traffic:
    """One source: payloads per hour of the last day (the oldest hour first), when it last spoke, what waits in
    quarantine, and how its last poll failed."""

    hours: list[int] = field(default_factory=lambda: [0] * HOURS)
    last_at: datetime | None = None
    quarantined: int = 0
    quarantined_today: int = 0
    poll: Poll | None = None

    @property
    def hour(self) -> int:
        return self.hours[-1]

    @property
    def day(self) -> int:
        return sum(self.hours)


class Arrival(NamedTuple):
    """A payload of the tail."""

    id: int
    source_id: int
    channel: str
    received_at: datetime
    state: str
    reason: str
    body: bytes


def traffic(source_ids: Sequence[int], *, now: datetime) -> dict[int, Traffic]:
    """Source id → its traffic."""
    found = {source_id: Traffic() for source_id in source_ids}
    since = now - timedelta(hours=HOURS)
    first = first_since(since)
    if first is not None:
        _count_hours(found, first, since)
    for source_id, each in found.items():
        if each.last_at is None:
            each.last_at = _last_of(source_id)
    counted = select(Payload.source_id, func.count()).where(QUARANTINED).group_by(Payload.source_id)
    for source_id, count in db.session.execute(counted):
        if source_id in found:
            found[source_id].quarantined = count
    for poll in db.session.scalars(select(Poll).where(Poll.source_id.in_(found))):
        found[poll.source_id].poll = poll
    return found


def first_since(at: datetime) -> int | None:
    """About the first payload received since then: ids grow with time, so halving finds it without an index."""
    low, high = db.session.execute(select(func.min(Payload.id), func.max(Payload.id))).one()
    if high is None or _received(high) < at:
        return None
    while low < high:
        middle = (low + high) // 2
        if _received(middle) < at:
            low = middle + 1
        else:
            high = middle
    return int(low)


def tail(*, source_id: int | None = None, limit: int = 30) -> list[Arrival]:
    """What came last, the latest first."""
    columns = (getattr(Payload, name) for name in Arrival._fields)
    query = select(*columns).order_by(Payload.id.desc()).limit(limit)
    if source_id is not None:
        query = query.where(Payload.source_id == source_id)
        last = _last_of(source_id)
        first = first_since(last - timedelta(days=1)) if last else None
        query = query.where(Payload.id >= first) if first is not None else query
    return [Arrival(*row) for row in db.session.execute(query)]


def anything_of(source_id: int) -> bool:
    """Whether a source ever sent anything."""
    return db.session.scalar(select(Payload.id).where(Payload.source_id == source_id).limit(1)) is not None


def get_source(source_id: int) -> Source | None:
    """A source by its id."""
    found: Source | None = db.session.get(Source, source_id)
    return found


def _count_hours(found: dict[int, Traffic], first: int, since: datetime) -> None:
    """Counted by the database: an hour is a range of ids, which both databases group alike."""
    starts = [first_since(since + timedelta(hours=hour)) for hour in range(1, HOURS)]
    ends = [(Payload.id < start, hour) for hour, start in enumerate(starts) if start is not None]
    hour = case(*ends, else_=len(ends)) if ends else literal(0)
    columns = (Payload.source_id, Payload.state, hour.label("hour"), func.count(), func.max(Payload.id))
    query = (
        select(*columns)
        .where(Payload.id >= first, Payload.received_at >= since)
        .group_by(Payload.source_id, Payload.state, "hour")
    )
    last: dict[int, int] = {}
    for source_id, state, at, count, newest in db.session.execute(query):
        each = found.get(source_id)
        if each is not None:
            each.hours[at] += count
            each.quarantined_today += count if state == "quarantined" else 0
            last[source_id] = max(last.get(source_id, 0), newest)
    for source_id, newest in last.items():
        found[source_id].last_at = _received(newest)


def _received(from_id: int) -> datetime:
    """When the first payload of this id or a later one came."""
    query = select(Payload.received_at).where(Payload.id >= from_id).order_by(Payload.id).limit(1)
    at: datetime = db.session.execute(query).scalar_one()
    return at


def _last_of(source_id: int) -> datetime | None:
    """By the index that starts with the source: its greatest id is looked up there, not in the payloads."""
    newest = select(func.max(Payload.id)).where(Payload.source_id == source_id).scalar_subquery()
    at: datetime | None = db.session.scalar(select(Payload.received_at).where(Payload.id == newest))
    return at
