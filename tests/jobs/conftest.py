"""What tests of the clock's door start with: a site, and a way to let it send."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from crm360.inbox import operations as inbox
from crm360.inbox.operations import NewPayload


@pytest.fixture
def send(session: Any, now: datetime) -> Callable[..., None]:
    """`send("m-1", userId="7", …)`: one tracking call, kept in the inbox and committed."""
    source = inbox.ensure_source(name="web", channel="tracking", now=now)
    session.commit()

    def keep(message_id: str, **call: Any) -> None:
        body = {"type": "track", "event": "Tried", "messageId": message_id, "timestamp": now.isoformat()} | call
        item = NewPayload(f"id:{message_id}", json.dumps(body).encode())
        inbox.keep(source_id=source.id, channel="tracking", items=[item], now=now)
        session.commit()

    return keep
