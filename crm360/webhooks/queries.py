"""Endpoints, how they do, and the log of their deliveries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, literal_column, select

from crm360.kernel.backlog import Backlog
from crm360.kernel.db import db
from crm360.kernel.errors import NotFound
from crm360.webhooks.models import Attempt, Delivery, Endpoint, Event, Pause, Secret

STATES = ("waiting", "delivered", "given_up")


class EndpointNotFound(NotFound):
    """No endpoint has this id."""


class DeliveryNotFound(NotFound):
    """No delivery has this id."""


class Figures(NamedTuple):
    """How an endpoint does: events that wait, were given up, and arrived within the last day."""

    waiting: int = 0
    given_up: int = 0
    delivered: int = 0


class Line(NamedTuple):
    """One delivery in the log: itself, its event, and its last attempt."""

    delivery: Delivery
    event: Event
    last: Attempt | None


def all_endpoints() -> list[Endpoint]:
    """Every endpoint, the oldest first."""
    return list(db.session.scalars(select(Endpoint).order_by(Endpoint.id)))


def get_endpoint(endpoint_id: int) -> Endpoint:
    """Raises EndpointNotFound."""
    found: Endpoint | None = db.session.get(Endpoint, endpoint_id)
    if found is None:
        raise EndpointNotFound(f"There is no webhook endpoint {endpoint_id}.")
    return found


def pause_of(endpoint_id: int) -> Pause | None:
    """The pause an endpoint is in."""
    return pauses().get(endpoint_id)


def pauses() -> dict[int, Pause]:
    """Endpoint → the pause it is in."""
    rows = db.session.scalars(select(Pause).where(Pause.resumed_at.is_(None)).order_by(Pause.id))
    return {row.endpoint_id: row for row in rows}


def backlog(*, now: datetime) -> Backlog:
    """The deliveries that are due and have not arrived."""
    due = (Delivery.state == literal_column("'waiting'")) & (Delivery.due_at <= now)
    count, oldest = db.session.execute(select(func.count(), func.min(Delivery.due_at)).where(due)).one()
    return Backlog.of(count, oldest, now=now)


def secrets(endpoint_ids: Iterable[int], *, now: datetime) -> dict[int, list[str]]:
    """Endpoint → sealed secrets that sign now, the newest first."""
    found: dict[int, list[str]] = {}
    query = select(Secret).where(Secret.endpoint_id.in_(set(endpoint_ids)))
    for secret in db.session.scalars(query.order_by(Secret.id.desc())):
        if secret.retires_at is None or secret.retires_at > now:
            found.setdefault(secret.endpoint_id, []).append(secret.sealed)
    return found


def old_secret_until(endpoint_id: int, *, now: datetime) -> datetime | None:
    """Until when a secret from before a rotation signs too."""
    query = select(func.max(Secret.retires_at)).where(Secret.endpoint_id == endpoint_id, Secret.retires_at > now)
    found: datetime | None = db.session.scalar(query)
    return found


def figures(*, now: datetime) -> dict[int, Figures]:
    """Endpoint → how it does."""
    counted: dict[int, dict[str, int]] = {}
    query = select(Delivery.endpoint_id, Delivery.state, func.count()).group_by(Delivery.endpoint_id, Delivery.state)
    recent = (Delivery.state != "delivered") | (Delivery.settled_at > now - timedelta(days=1))
    for endpoint_id, state, count in db.session.execute(query.where(recent)):
        counted.setdefault(endpoint_id, {})[state] = count
    return {endpoint_id: Figures(**states) for endpoint_id, states in counted.items()}


def log(
    *,
    endpoint_id: int | None = None,
    state: str = "",
    kind: str = "",
    profile_id: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Line]:
    """Deliveries, the latest first. `before`: the id of the last one already seen."""
    query = select(Delivery, Event).join(Event, Event.id == Delivery.event_id)
    for column, wanted in (
        (Delivery.endpoint_id, endpoint_id),
        (Delivery.state, state or None),
        (Event.kind, kind or None),
        (Event.profile_id, profile_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if before is not None:
        query = query.where(Delivery.id < before)
    rows = db.session.execute(query.order_by(Delivery.id.desc()).limit(limit)).all()
    last = _last_attempts([delivery.id for delivery, _ in rows])
    return [Line(delivery, event, last.get(delivery.id)) for delivery, event in rows]


def get_delivery(delivery_id: int) -> Delivery:
    """Raises DeliveryNotFound."""
    found: Delivery | None = db.session.get(Delivery, delivery_id)
    if found is None:
        raise DeliveryNotFound(f"There is no delivery {delivery_id}.")
    return found


def event_of(delivery: Delivery) -> Event:
    """What a delivery delivers."""
    found: Event = db.session.get_one(Event, delivery.event_id)
    return found


def attempts_of(delivery_id: int) -> list[Attempt]:
    """Every attempt of a delivery, the latest first."""
    query = select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(Attempt.id.desc())
    return list(db.session.scalars(query))


def _last_attempts(delivery_ids: list[int]) -> dict[int, Attempt]:
    newest = select(func.max(Attempt.id)).where(Attempt.delivery_id.in_(delivery_ids)).group_by(Attempt.delivery_id)
    rows = db.session.scalars(select(Attempt).where(Attempt.id.in_(newest)))
    return {row.delivery_id: row for row in rows}
