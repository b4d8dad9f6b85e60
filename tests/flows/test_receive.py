"""A raw payload's way: read, applied, resolved, shown; and what happens to those that cannot be read."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from crm360.commerce.models import Order
from crm360.flows import forgetting, receive
from crm360.identity.models import Contact
from crm360.inbox import operations as inbox
from crm360.inbox import queries
from crm360.inbox.models import Payload
from crm360.profiles.models import GoldenRecord, TimelineEntry


def keep(now: datetime, *events: dict[str, Any] | bytes) -> None:
    source = inbox.ensure_source(name="web", channel="tracking", now=now)
    bodies = [event if isinstance(event, bytes) else json.dumps(event).encode() for event in events]
    items = [inbox.NewPayload(inbox.content_key(body), body) for body in bodies]
    inbox.keep(source_id=source.id, channel="tracking", items=items, now=now)


def event(kind: str, now: datetime, **said: Any) -> dict[str, Any]:
    return {"type": kind, "messageId": f"{kind}-{len(said)}-{said}", "timestamp": now.isoformat(), **said}


def order(now: datetime, number: str, **said: Any) -> dict[str, Any]:
    total = {
        "order_id": number,
        "total": "120.50",
        "currency": "PLN",
        "products": [{"sku": "K-1", "name": "Kubek", "price": 120.5}],
    }
    return event("track", now, event="Order Completed", properties=total, **said)


def count(session: Any, model: Any) -> int:
    return int(session.scalar(select(func.count()).select_from(model)))


def test_events_become_a_customer_one_can_find(session: Any, now: datetime) -> None:
    keep(now, order(now, "A-1", userId="7"), event("identify", now, userId="7", traits={"name": "Anna Kowalska"}))
    assert receive.process_waiting(now=now) == (2, 0)
    assert queries.counts().waiting == 0
    assert session.scalar(select(GoldenRecord.display_name)) == "Anna Kowalska"
    assert session.scalar(select(Order.total_minor)) == 12050
    entry = session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "order.placed")).one()
    assert session.get(Payload, entry.payload_id).state == "processed"


def test_the_same_payload_a_thousand_times_has_one_effect(session: Any, now: datetime) -> None:
    said = order(now, "A-1", userId="7")
    for _ in range(10):
        keep(now, *[said] * 100)
        receive.process_waiting(now=now)
    assert (count(session, Payload), count(session, Order), count(session, TimelineEntry)) == (1, 1, 1)


def test_one_bad_payload_waits_in_quarantine_and_the_others_go_on(session: Any, now: datetime) -> None:
    keep(now, *[order(now, f"A-{n}", userId=str(n)) for n in range(6)], b"{not json", {"type": "track", "event": "x"})
    assert receive.process_waiting(now=now) == (6, 2)
    assert count(session, Order) == 6
    reasons = [payload.reason for payload in queries.quarantined()]
    assert len(reasons) == 2
    assert all(reasons)


def test_what_a_room_refuses_is_isolated_by_halving(
    session: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of content that no reader sees (here: a room that refuses one order) costs that payload alone."""
    rooms = {kind: operation for operation, kind in receive._ROOMS}
    recorded = rooms[receive.facts.OrderPlaced]

    def refusing(*, received: Any, now: datetime) -> None:
        if any(item.fact.number == "A-3" for item in received):
            raise ValueError("no such thing")
        recorded(received=received, now=now)

    monkeypatch.setattr(
        receive, "_ROOMS", tuple((refusing if op is recorded else op, kind) for op, kind in receive._ROOMS)
    )
    keep(now, *[order(now, f"A-{n}", userId=str(n)) for n in range(8)])
    assert receive.process_waiting(now=now) == (7, 1)
    assert sorted(session.scalars(select(Order.number))) == [f"A-{n}" for n in range(8) if n != 3]
    monkeypatch.undo()
    inbox.replay(now=now)
    assert receive.process_waiting(now=now) == (1, 0)
    assert count(session, Order) == 8


def test_a_late_identify_takes_the_anonymous_history_along(session: Any, now: datetime) -> None:
    viewed = event("track", now, anonymousId="d-1", event="Product Viewed", properties={"name": "Kubek", "sku": "K-1"})
    keep(now, viewed)
    receive.process_waiting(now=now)
    assert session.scalar(select(Contact.profile_id)) is None
    keep(now, event("identify", now, userId="7", anonymousId="d-1", traits={"email": "anna@wp.pl"}))
    receive.process_waiting(now=now)
    profiles = set(session.scalars(select(Contact.profile_id)))
    assert len(profiles) == 1
    assert None not in profiles


def test_visitors_nobody_named_are_forgotten_after_a_while(session: Any, now: datetime) -> None:
    old = now - timedelta(days=100)
    for at, device in ((old, "d-old"), (now, "d-new"), (old, "d-named")):
        keep(at, event("page", at, anonymousId=device, name="Home"))
        receive.process_waiting(now=at)
    keep(now, event("identify", now, userId="7", anonymousId="d-named"))
    receive.process_waiting(now=now)
    assert forgetting.purge_anonymous(before=now - timedelta(days=90)) == 1
    left = set(session.scalars(select(Contact.external_id)))
    assert left == {"anon:d-new", "anon:d-named", "user:7"}
    assert forgetting.purge_anonymous(before=now - timedelta(days=90)) == 0
