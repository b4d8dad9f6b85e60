"""WooCommerce's webhooks at the door."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from crm360.inbox import operations as inbox
from crm360.inbox.models import Payload
from tests.intake.signers.kit import hmac_base64

ADDRESS = "/hooks/woocommerce/sklep"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def shop(session: Any, now: datetime) -> None:
    inbox.create_source(name="sklep", channel="woocommerce", secret="s3", now=now)


def deliver(client: Any, document: dict[str, Any], topic: str = "order.updated", delivery: str = "d1") -> int:
    body = json.dumps(document).encode()
    headers = {
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Signature": hmac_base64("s3", body),
        "X-WC-Webhook-Delivery-ID": delivery,
    }
    return int(client.post(ADDRESS, data=body, headers=headers, content_type="application/json").status_code)


def kept(session: Any) -> list[Payload]:
    return list(session.scalars(select(Payload).order_by(Payload.id)))


@pytest.mark.parametrize("body", [b"webhook_id=7", b"webhook_id=123456"])
def test_the_unsigned_ping_that_saving_sends_gets_exactly_200(client: Any, session: Any, body: bytes) -> None:
    assert client.post(ADDRESS, data=body, content_type=FORM).status_code == 200
    assert kept(session) == []


@pytest.mark.parametrize("body", [b"", b"webhook_id=", b"webhook_id=7&id=1", b"webhook_id=x", b'{"webhook_id":7}'])
def test_what_only_looks_like_a_ping_must_be_signed(client: Any, session: Any, body: bytes) -> None:
    assert client.post(ADDRESS, data=body, content_type=FORM).status_code == 401
    assert client.post("/hooks/woocommerce/other", data=b"webhook_id=7", content_type=FORM).status_code == 401
    assert kept(session) == []


def test_two_events_of_one_second_share_a_delivery_id_and_both_count(client: Any, session: Any) -> None:
    at = {"date_modified_gmt": "2026-03-02T09:00:05"}
    assert deliver(client, {"id": 1, **at}) == 200
    assert deliver(client, {"id": 2, **at}) == 200
    assert deliver(client, {"id": 1, "status": "completed", **at}) == 200
    assert deliver(client, {"id": 1, **at}, delivery="d2") == 200
    assert len(kept(session)) == 3


def test_a_signed_body_that_is_no_json_waits_in_quarantine(client: Any, session: Any) -> None:
    headers = {"X-WC-Webhook-Topic": "order.updated", "X-WC-Webhook-Signature": hmac_base64("s3", b"oops")}
    assert client.post(ADDRESS, data=b"oops", headers=headers).status_code == 200
    (payload,) = kept(session)
    assert (payload.state, payload.body) == ("quarantined", b"oops")
