"""A delivery's turns: claimed by one worker, spoken by it outside any transaction, settled by what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, insert, literal_column, or_, select, update
from sqlalchemy.orm import aliased

from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.webhooks import operations, queries, retrying
from crm360.webhooks.models import Attempt, Delivery, Endpoint, Event, Pause

#: Longer than any call takes; a worker that died gives its deliveries back after that.
LEASE = timedelta(seconds=60)
LONGEST_EXCERPT = 1000

_WAITING = Delivery.state == literal_column("'waiting'")


class Claimed(NamedTuple):
    """One event to be sent to one endpoint, for the `number`th time; `sealed` secrets, the newest first."""

    delivery_id: int
    endpoint_id: int
    number: int
    message_id: str
    body: str
    url: str
    sealed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an attempt: a status with the answer's headers and beginning, or the symbol of a failure."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    symbol: str = ""
    excerpt: str = ""
    seconds: float = 0.0

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def anything_due(*, now: datetime) -> bool:
    """Whether some endpoint should be spoken to. Only reads."""
    return any(_due_ids(endpoint, now, 1) for endpoint in _open_endpoints(now))


def claim(*, per_endpoint: int, busy: Mapping[int, int] | None = None, now: datetime) -> list[Claimed]:
    """Take what is due for this worker; the caller commits before it speaks.

    Of each endpoint at most `per_endpoint` are under way, `busy` of them already. An event waits while an earlier one
    about the same customer still waits for the same endpoint.
    """
    taken: list[int] = []
    for endpoint in _open_endpoints(now):
        free = per_endpoint - (busy or {}).get(endpoint, 0)
        taken += _due_ids(endpoint, now, free, lock=True) if free > 0 else []
    if not taken:
        return []
    values: dict[str, Any] = {"claimed_until": now + LEASE, "attempts": Delivery.attempts + 1}
    db.session.execute(update(Delivery).where(Delivery.id.in_(taken)).values(values))
    return _claimed(taken, now)


def settle(*, claimed: Claimed, outcome: Outcome, now: datetime) -> str:
    """Write down what came of it. Returns the reason when the endpoint is paused because of it, else ""."""
    if db.session.scalar(select(Delivery.id).where(Delivery.id == claimed.delivery_id)) is None:
        return ""  # its endpoint was removed while it was spoken to
    db.session.execute(
        insert(Attempt).values(
            delivery_id=claimed.delivery_id, number=claimed.number, at=now, status=outcome.status,
            symbol=outcome.symbol, excerpt=outcome.excerpt[:LONGEST_EXCERPT], milliseconds=round(outcome.seconds * 1000),
        )
    )  # fmt: skip
    mine = update(Delivery).where(Delivery.id == claimed.delivery_id, _WAITING)
    if outcome.arrived:
        db.session.execute(mine.values(state="delivered", settled_at=now, claimed_until=None))
        good: dict[str, Any] = {"succeeded_at": now, "failing_since": None}
        db.session.execute(update(Endpoint).where(Endpoint.id == claimed.endpoint_id).values(good))
        return ""
    wait = retrying.pause_after(claimed.number, claimed.message_id)
    asked = retrying.asked_for(outcome.status, outcome.headers, now)
    if wait is None:
        later: dict[str, Any] = {"state": "given_up", "settled_at": now}
    else:
        later = {"due_at": now + max(wait, asked)}
    # Somebody else may have taken it over meanwhile; then the turn is theirs.
    db.session.execute(mine.where(Delivery.attempts == claimed.number).values(claimed_until=None, **later))
    return _suffered(claimed.endpoint_id, outcome.status, asked, now)


def _suffered(endpoint_id: int, status: int | None, asked: timedelta, now: datetime) -> str:
    """What a failure means for the endpoint as a whole."""
    endpoint = db.session.get_one(Endpoint, endpoint_id, populate_existing=True)
    endpoint.failing_since = endpoint.failing_since or now
    if asked:
        endpoint.quiet_until = now + asked
    reason = ""
    if status == retrying.GONE:
        reason = operations.GONE
    elif retrying.out_of_patience(endpoint.failing_since, now):
        reason = operations.FAILING
    return reason if reason and operations.pause(endpoint_id=endpoint_id, by="crm360", reason=reason, now=now) else ""


def _open_endpoints(now: datetime) -> list[int]:
    paused = exists().where(Pause.endpoint_id == Endpoint.id, Pause.resumed_at.is_(None))
    ready = or_(Endpoint.quiet_until.is_(None), Endpoint.quiet_until <= now)
    return list(db.session.scalars(select(Endpoint.id).where(ready, ~paused).order_by(Endpoint.id)))


def _due_ids(endpoint_id: int, now: datetime, limit: int, *, lock: bool = False) -> list[int]:
    free = or_(Delivery.claimed_until.is_(None), Delivery.claimed_until <= now)
    query = select(Delivery.id).where(Delivery.endpoint_id == endpoint_id, _WAITING, Delivery.due_at <= now, free)
    query = query.where(*_its_turn()).order_by(Delivery.due_at, Delivery.id).limit(limit)
    if lock:
        query = query.with_for_update(**dialects.skip_locked(db.session))
    return list(db.session.scalars(query))


def _its_turn() -> list[ColumnElement[bool]]:
    """No earlier event about either customer waits. Two questions, so that each has its index."""
    conditions = []
    for name in ("profile_id", "other_profile_id"):
        earlier = aliased(Delivery)
        conditions.append(
            ~exists().where(
                and_(
                    earlier.endpoint_id == Delivery.endpoint_id,
                    earlier.state == literal_column("'waiting'"),
                    earlier.id < Delivery.id,
                    getattr(earlier, name).in_([Delivery.profile_id, Delivery.other_profile_id]),
                )
            )
        )
    return conditions


def _claimed(ids: list[int], now: datetime) -> list[Claimed]:
    query = (
        select(Delivery, Event.message_id, Event.body, Endpoint.url)
        .join(Event, Event.id == Delivery.event_id)
        .join(Endpoint, Endpoint.id == Delivery.endpoint_id)
        .where(Delivery.id.in_(ids))
        .order_by(Delivery.id)
        .execution_options(populate_existing=True)
    )
    rows = db.session.execute(query).all()
    secrets = queries.secrets({found.endpoint_id for found, *_ in rows}, now=now)
    return [
        Claimed(found.id, found.endpoint_id, found.attempts, message_id, body, url, tuple(secrets[found.endpoint_id]))
        for found, message_id, body, url in rows
    ]
