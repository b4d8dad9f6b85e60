"""Shopify's webhooks at the door."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from crm360.inbox import operations as inbox
from crm360.inbox.models import Payload

SECRET = "shop secret"
BODY = b'{"id":820982911946154508,"email":"jon@example.com","note":"\\u0026"}'
ADDRESS = "/hooks/shopify/shop-pl"


@pytest.fixture(autouse=True)
def shop(session: Any, now: datetime) -> None:
    inbox.create_source(name="shop-pl", channel="shopify", secret=SECRET, now=now)
    inbox.create_source(name="no-secret", channel="shopify", now=now)
    inbox.create_source(name="chat", channel="chatwoot", secret=SECRET, now=now)


def signed(body: bytes = BODY, secret: str = SECRET, **headers: str) -> dict[str, Any]:
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    names = {f"X-Shopify-{name.replace('_', '-').title()}": value for name, value in headers.items()}
    given = {"X-Shopify-Hmac-Sha256": signature, "X-Shopify-Topic": "orders/create"} | names
    return {"data": body, "headers": given, "content_type": "application/json"}


def kept(session: Any) -> list[Payload]:
    return list(session.scalars(select(Payload).order_by(Payload.id)))


def test_a_signed_delivery_is_kept_byte_for_byte_with_its_topic(client: Any, session: Any) -> None:
    answer = client.post(ADDRESS, **signed(webhook_id="w-1", triggered_at="2026-03-01T10:00:00Z"))
    assert (answer.status_code, answer.get_json()) == (200, {"success": True})
    (payload,) = kept(session)
    assert (payload.body, payload.dedup_key, payload.channel) == (BODY, payload.dedup_key, "shopify")
    assert payload.headers == {
        "x-shopify-topic": "orders/create",
        "x-shopify-webhook-id": "w-1",
        "x-shopify-triggered-at": "2026-03-01T10:00:00Z",
    }


@pytest.mark.parametrize(
    ("address", "request_"),
    [
        (ADDRESS, signed(secret="another")),
        (ADDRESS, signed() | {"data": BODY + b" "}),
        (ADDRESS, {"data": BODY}),
        (ADDRESS, {"data": BODY, "headers": {"X-Shopify-Hmac-Sha256": "ż"}}),
        ("/hooks/shopify/nobody", signed()),
        ("/hooks/shopify/%00", signed()),
        ("/hooks/shopify/no-secret", signed(secret="")),
        ("/hooks/shopify/chat", signed()),
    ],
)
def test_what_is_not_signed_right_is_refused_alike(
    client: Any, session: Any, address: str, request_: dict[str, Any]
) -> None:
    answer = client.post(address, **request_)
    assert (answer.status_code, answer.get_json()["message"]) == (401, "The signature is missing or wrong.")
    assert kept(session) == []


def test_retries_are_kept_once(client: Any, session: Any) -> None:
    for _ in range(3):
        client.post(ADDRESS, **signed(webhook_id="w-1", event_id="e-1"))
        client.post(ADDRESS, **signed(webhook_id="w-2", event_id="e-1"))
        client.post(ADDRESS, **signed())
        client.post(ADDRESS, **signed(topic="orders/paid"))
    assert [payload.headers["x-shopify-topic"] for payload in kept(session)] == ["orders/create", "orders/paid"]


def test_the_same_privacy_request_a_year_later_is_another_request(client: Any, session: Any) -> None:
    for webhook_id in ("w-1", "w-1", "w-2"):
        client.post(ADDRESS, **signed(topic="customers/redact", webhook_id=webhook_id))
    assert [payload.headers["x-shopify-webhook-id"] for payload in kept(session)] == ["w-1", "w-2"]


def test_a_signed_body_that_is_no_json_is_kept_for_the_worker_to_judge(client: Any, session: Any) -> None:
    assert client.post(ADDRESS, **signed(b"not json")).status_code == 200
    assert [payload.body for payload in kept(session)] == [b"not json"]
