"""How each recipient took what it was told of a correction or an erasure (Article 19)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from crm360.kernel.db import db
from crm360.webhooks import kinds
from crm360.webhooks.models import Delivery, Endpoint, Event


class Told(NamedTuple):
    """One recipient: what it was told, and waiting, delivered or given_up."""

    recipient: str
    kind: str
    state: str
    attempts: int
    settled_at: datetime | None


def told(profile_id: int, *, since: datetime) -> list[Told]:
    """Every delivery of a correction or an erasure of a profile since a moment, the first one first."""
    query = (
        select(Endpoint, Event.kind, Delivery)
        .join(Delivery, Delivery.endpoint_id == Endpoint.id)
        .join(Event, Event.id == Delivery.event_id)
        .where(
            Event.profile_id == profile_id, Event.kind.in_((kinds.UPDATED, kinds.ERASED)), Event.occurred_at >= since
        )
        .order_by(Delivery.id)
    )
    return [
        Told(endpoint.description or endpoint.url, kind, delivery.state, delivery.attempts, delivery.settled_at)
        for endpoint, kind, delivery in db.session.execute(query)
    ]
