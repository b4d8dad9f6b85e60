"""What is a payload's fault, and what is nobody's."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from crm360.commerce.models import Order
from crm360.flows import receive
from crm360.inbox import operations as inbox
from crm360.inbox import queries
from crm360.inbox.operations import NewPayload

ORDER = {"type": "track", "event": "Order Completed", "userId": "7", "properties": {"order_id": "O-1", "total": 10}}


@pytest.fixture(autouse=True)
def waiting(session: Any, now: datetime) -> None:
    settings = {"currency": "CZK", "region": "CZ"}
    source = inbox.ensure_source(name="web", channel="tracking", settings=settings, now=now)
    items = [NewPayload("id:1", json.dumps(ORDER).encode())]
    inbox.keep(source_id=source.id, channel="tracking", items=items, now=now)


def test_the_sources_settings_say_what_the_payload_does_not(session: Any, now: datetime) -> None:
    receive.process_waiting(now=now)
    assert session.scalars(select(Order.currency)).all() == ["CZK"]


def test_a_lost_connection_quarantines_nothing(session: Any, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(*_: Any, **__: Any) -> None:
        raise OperationalError("INSERT", {}, ConnectionError("gone"))

    with monkeypatch.context() as broken:
        broken.setattr(receive, "apply", lose)
        with pytest.raises(OperationalError):
            receive.process_waiting(now=now)
    assert queries.counts() == queries.Counts(waiting=1, quarantined=0)
    assert receive.process_waiting(now=now) == receive.Progress(1, 0)
