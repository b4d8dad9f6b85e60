"""Chatwoot's webhooks at the door."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from crm360.inbox import operations as inbox
from crm360.inbox.models import Payload

TOKEN = "token-of-the-address"
BODY = b'{"event":"message_created","id":1}'
ADDRESS = f"/hooks/chatwoot/chat/{TOKEN}"
#: The moment at which tests take place.
STATED = "1772447400"


@pytest.fixture(autouse=True)
def at_that_moment(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture(autouse=True)
def chat(session: Any, now: datetime) -> None:
    inbox.create_source(name="chat", channel="chatwoot", secret=TOKEN, now=now)
    inbox.create_source(
        name="signing", channel="chatwoot", secret=TOKEN, settings={"signing_secret": "of chatwoot"}, now=now
    )
    inbox.create_source(name="shop", channel="shopify", secret=TOKEN, now=now)


def signature(secret: str, body: bytes = BODY, timestamp: str = STATED) -> dict[str, str]:
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Chatwoot-Signature": f"sha256={digest}", "X-Chatwoot-Timestamp": timestamp}


def kept(session: Any) -> list[str]:
    return list(session.scalars(select(Payload.dedup_key).order_by(Payload.id)))


@pytest.mark.parametrize(
    ("source", "headers"),
    [("chat", {}), ("chat", signature(TOKEN)), ("signing", signature("of chatwoot"))],
)
def test_the_address_admits_and_a_signature_sent_is_right(
    client: Any, session: Any, source: str, headers: dict[str, str]
) -> None:
    answer = client.post(f"/hooks/chatwoot/{source}/{TOKEN}", data=BODY, headers=headers)
    assert (answer.status_code, answer.get_json()) == (200, {"success": True})
    assert len(kept(session)) == 1


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/hooks/chatwoot/chat/guess", {}),
        (f"/hooks/chatwoot/nobody/{TOKEN}", {}),
        (f"/hooks/chatwoot/shop/{TOKEN}", {}),
        (ADDRESS, signature("another")),
        (ADDRESS, signature(TOKEN, body=b"other")),
        (ADDRESS, signature(TOKEN) | {"X-Chatwoot-Timestamp": str(int(STATED) + 1)}),
        (f"/hooks/chatwoot/signing/{TOKEN}", signature(TOKEN)),
        (f"/hooks/chatwoot/signing/{TOKEN}", {}),
    ],
)
def test_everything_else_is_refused(client: Any, session: Any, address: str, headers: dict[str, str]) -> None:
    assert client.post(address, data=BODY, headers=headers).status_code == 401
    assert kept(session) == []


def test_a_delivery_is_kept_once(client: Any, session: Any) -> None:
    for _ in range(2):
        client.post(ADDRESS, data=BODY, headers={"X-Chatwoot-Delivery": "d-1"})
        client.post(ADDRESS, data=BODY)
    assert [key.partition(":")[0] for key in kept(session)] == ["sha256"]
