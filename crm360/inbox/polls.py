"""Whose turn it is to be asked, and what became of it: sources that do not deliver by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, or_, select, update

from crm360.inbox.models import Poll, Source
from crm360.inbox.operations import Kept, NewPayload, keep
from crm360.kernel import dialects, pausing
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Conflict


class Claim(NamedTuple):
    """A source that is this poller's until `until`."""

    source_id: int
    name: str
    channel: str
    settings: Mapping[str, Any]
    credentials: Mapping[str, str]
    cursor: Mapping[str, Any]
    until: datetime
    #: When its turn was; who asks for another meanwhile gets it.
    due_at: datetime


class Asked(NamedTuple):
    """A source that is asked, with how to reach it; `credentials` sealed."""

    source_id: int
    name: str
    settings: Mapping[str, Any]
    credentials: Mapping[str, str]


class ClaimLost(Conflict):
    """Another poller took the source over: this one was too slow, and keeps nothing more."""


class Standing(NamedTuple):
    """How the asking of a source goes: when it last came to its end, and what went wrong since, in words for staff."""

    succeeded_at: datetime | None
    last_error: str


def standings() -> dict[int, Standing]:
    """Source id → how it stands, of the sources that are asked or watched."""
    rows = db.session.execute(select(Poll.source_id, Poll.succeeded_at, Poll.last_error))
    return {row.source_id: Standing(row.succeeded_at, row.last_error) for row in rows}


def plan(*, source_id: int, now: datetime) -> None:
    """Let a source be polled from now on; its turn comes at once."""
    row = {"source_id": source_id, "cursor": {}, "due_at": now, "failures": 0, "last_error": ""}
    dialects.insert_new(db.session, table_of(Poll), [row], ["source_id"])


def asked(*, channels: Sequence[str]) -> list[Asked]:
    """The sources of these channels that have turns."""
    query = (
        select(Source).join(Poll, Poll.source_id == Source.id).where(Source.channel.in_(channels)).order_by(Source.id)
    )
    return [
        Asked(each.id, each.name, dict(each.settings), dict(each.credentials)) for each in db.session.scalars(query)
    ]


def anything_due(*, channels: Sequence[str], now: datetime) -> bool:
    """Whether a source of these channels could be claimed."""
    query = select(Poll.source_id).join(Source, Source.id == Poll.source_id).where(*_claimable(channels, now))
    return db.session.scalar(query.limit(1)) is not None


def due_now(*, source_id: int, now: datetime) -> None:
    """Somebody does not want to wait for the turn of a source."""
    db.session.execute(update(Poll).where(Poll.source_id == source_id).values(due_at=now))


def claim(*, channels: Sequence[str], now: datetime, lease: timedelta) -> Claim | None:
    """The source of these channels that has waited longest, made this poller's own. The caller commits before it speaks."""
    query = select(Poll, Source).join(Source, Source.id == Poll.source_id).where(*_claimable(channels, now))
    query = query.order_by(Poll.due_at, Poll.source_id).limit(1)
    row = db.session.execute(query.with_for_update(of=Poll, **dialects.skip_locked(db.session))).first()
    if row is None:
        return None
    poll, source = row
    poll.claimed_until = now + lease
    db.session.flush()
    return Claim(
        source.id, source.name, source.channel, dict(source.settings), dict(source.credentials), dict(poll.cursor),
        poll.claimed_until, poll.due_at,
    )  # fmt: skip


def keep_page(
    *,
    mine: Claim,
    items: Sequence[NewPayload],
    cursor: Mapping[str, Any],
    credentials: Mapping[str, str],
    now: datetime,
    lease: timedelta,
) -> tuple[Kept, Claim]:
    """Keep what was found together with where to go on, and (sealed) `credentials` in place of older ones of the same
    name. Raises ClaimLost.
    """
    until = now + lease
    _settle(mine, cursor=dict(cursor), claimed_until=until)
    if credentials:
        source = db.session.get_one(Source, mine.source_id)
        source.credentials = {**source.credentials, **credentials}
        db.session.flush()
    kept = keep(source_id=mine.source_id, channel=mine.channel, items=items, now=now)
    return kept, mine._replace(cursor=cursor, until=until)


def succeeded(*, mine: Claim, now: datetime, every: timedelta) -> None:
    """The poll came to its end. Whoever asked for a turn meanwhile gets it at once. Raises ClaimLost."""
    later = case((Poll.due_at > mine.due_at, Poll.due_at), else_=now + every)
    _settle(mine, claimed_until=None, due_at=later, succeeded_at=now, failures=0, last_error="")


def failed(*, mine: Claim, now: datetime, reason: str) -> None:
    """The poll broke off; what it kept stays kept, and the next try goes on from there. Raises ClaimLost."""
    failures = int(db.session.scalar(select(Poll.failures).where(Poll.source_id == mine.source_id)) or 0)
    due_at = now + pausing.after(failures + 1)
    _settle(mine, claimed_until=None, due_at=due_at, failures=failures + 1, last_error=reason[:500])


def _claimable(channels: Sequence[str], now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Of these channels, due, and in nobody's hand."""
    free = or_(Poll.claimed_until.is_(None), Poll.claimed_until < now)
    return Source.channel.in_(channels), Poll.due_at <= now, free


def _settle(mine: Claim, **values: Any) -> None:
    own = (Poll.source_id == mine.source_id) & (Poll.claimed_until == mine.until)
    if db.session.execute(update(Poll).where(own).values(**values)).rowcount != 1:
        raise ClaimLost(f"Another poller took over {mine.name!r}.")
