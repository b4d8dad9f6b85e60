"""Events written down in the transaction of the change they tell of: what is rolled back was never said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select

from crm360.kernel import bulk, dialects
from crm360.kernel.db import db, table_of
from crm360.kernel.iso8601 import zulu
from crm360.webhooks import kinds
from crm360.webhooks.kinds import Happened
from crm360.webhooks.models import Delivery, Endpoint, Event

_WANTED = select(table_of(Endpoint).c.id, table_of(Endpoint).c.kinds).order_by(table_of(Endpoint).c.id)


def wanted() -> dict[str, list[int]]:
    """Kind → endpoints that want to hear of it; empty when nobody listens, and then nothing needs to be found out."""
    found: dict[str, list[int]] = {}
    for endpoint_id, asked in db.session.connection().execute(_WANTED):
        for kind in asked or kinds.KINDS:
            found.setdefault(kind, []).append(endpoint_id)
    return found


def record(*, events: Sequence[Happened], now: datetime) -> int:
    """Put events into the outbox, in their order, for every endpoint that wants them; returns how many it holds."""
    listeners = wanted()
    heard = [event for event in events if event.kind in listeners]
    if not heard:
        return 0
    dialects.lock_partition(db.session)  # of two writers one commits first: the order of ids is the order of changes
    rows = [_row(event.kind, event.profile_id, event.data, now) for event in heard]
    ids = _insert(rows)
    bulk.insert_rows(
        db.session,
        table_of(Delivery),
        [
            delivery_row(event_id, endpoint_id, now, profile_id=event.profile_id, other=event.other_profile_id)
            for event_id, event in zip(ids, heard, strict=True)
            for endpoint_id in listeners[event.kind]
        ],
    )
    return len(heard)


def record_test(*, endpoint_id: int, now: datetime) -> int:
    """An event that only says that the way is open, for one endpoint; returns the delivery's id."""
    (event_id,) = _insert([_row(kinds.TEST, None, {}, now)])
    row = delivery_row(event_id, endpoint_id, now, profile_id=None, other=None)
    return int(db.session.scalar(insert(Delivery).returning(Delivery.id), row))


def delivery_row(
    event_id: int, endpoint_id: int, now: datetime, *, profile_id: int | None, other: int | None
) -> dict[str, Any]:
    """A delivery that is due at once."""
    return {
        "event_id": event_id,
        "endpoint_id": endpoint_id,
        "profile_id": profile_id,
        "other_profile_id": other,
        "state": "waiting",
        "attempts": 0,
        "due_at": now,
    }


def _insert(rows: list[dict[str, Any]]) -> list[int]:
    statement = insert(Event).returning(Event.id, sort_by_parameter_order=True)
    return list(db.session.scalars(statement, rows))


def _row(kind: str, profile_id: int | None, data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    said = {name: zulu(value) if isinstance(value, datetime) else value for name, value in data.items()}
    whose = {"profile_id": profile_id} if profile_id is not None else {}
    body = {"type": kind, "timestamp": zulu(now), "version": kinds.VERSION, "data": whose | said}
    return {
        "message_id": f"msg_{uuid4().hex}",
        "kind": kind,
        "profile_id": profile_id,
        "occurred_at": now,
        "body": dialects.to_json(body),
    }
