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
    first, *starts = firsts_since([since + timedelta(hours=hour) for hour in range(HOURS)])
    if first is not None:
        _count_hours(found, first, starts, since)
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
    """About the first payload received since then."""
    return firsts_since([at])[0]


def firsts_since(moments: Sequence[datetime]) -> list[int | None]:
    """The same of each moment: ids grow with time, so halving finds them without an index, all with one look a step."""
    lowest, highest = db.session.execute(select(func.min(Payload.id), func.max(Payload.id))).one()
    if highest is None:
        return [None] * len(moments)
    newest = _received([highest])[0]
    spans = {at: (lowest, highest) for at in moments if newest >= at}
    while open_ := {at: (low + high) // 2 for at, (low, high) in spans.items() if low < high}:
        for (at, middle), received in zip(open_.items(), _received(list(open_.values())), strict=True):
            low, high = spans[at]
            spans[at] = (middle + 1, high) if received < at else (low, middle)
    return [int(spans[at][0]) if at in spans else None for at in moments]


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


def _count_hours(found: dict[int, Traffic], first: int, starts: Sequence[int | None], since: datetime) -> None:
    """Counted by the database: an hour is a range of ids, which both databases group alike."""
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
    for source_id, at in zip(last, _received(list(last.values())), strict=True):
        found[source_id].last_at = at


def _received(from_ids: Sequence[int]) -> list[datetime]:
    """When the first payload of each id or a later one came, asked at once."""
    asked = (select(Payload.received_at).where(Payload.id >= each).order_by(Payload.id).limit(1) for each in from_ids)
    columns = [each.scalar_subquery().label(f"at_{place}") for place, each in enumerate(asked)]
    return list(db.session.execute(select(*columns)).one()) if columns else []


def _last_of(source_id: int) -> datetime | None:
    """By the index that starts with the source: its greatest id is looked up there, not in the payloads."""
    newest = select(func.max(Payload.id)).where(Payload.source_id == source_id).scalar_subquery()
    at: datetime | None = db.session.scalar(select(Payload.received_at).where(Payload.id == newest))
    return at
