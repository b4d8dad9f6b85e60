"""Stripe: checkouts, refunds and customers by webhook. Events of other kinds are taken and say nothing here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm360.facts import Fact
from crm360.kernel import signing
from crm360.sources import json_fields, stripe_objects
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Delivery, Hook, Item
from crm360.sources.instants import instant

CHANNEL = "stripe"

#: How old a signature may be, in seconds; Stripe's own libraries say the same.
TOLERANCE = 300


def read(payload: Payload) -> Sequence[Fact]:
    """One event → facts. Raises Unreadable."""
    event = json_fields.load(payload.body)
    about = json_fields.obj(json_fields.obj(event.get("data")).get("object"))
    kind = json_fields.first_text(event, "type")
    if not kind or not about:
        raise Unreadable("A Stripe event needs a type and data.object.")
    arm = _ARMS.get(kind)
    if arm is None:
        return []
    at = instant(event.get("created")) or payload.received_at
    before = json_fields.obj(json_fields.obj(event.get("data")).get("previous_attributes"))
    return arm(payload, about, before, at)


_ARMS: Mapping[str, Callable[[Payload, JsonObject, JsonObject, datetime], Sequence[Fact]]] = {
    "checkout.session.completed": stripe_objects.session,
    "checkout.session.async_payment_succeeded": stripe_objects.session,
    "checkout.session.async_payment_failed": stripe_objects.session_failed,
    "checkout.session.expired": stripe_objects.session_expired,
    "charge.refunded": stripe_objects.refunded,
    "customer.created": stripe_objects.customer,
    "customer.updated": stripe_objects.customer,
    "customer.deleted": stripe_objects.customer_deleted,
}


def _signed(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> bool:
    """`t=…,v1=…[,v1=…]`: HMAC-SHA256 of "t.body" in hex; while a secret is rolled there are several v1."""
    parts = [part.partition("=")[::2] for part in delivery.headers.get("stripe-signature", "").split(",")]
    times = [value for name, value in parts if name.strip() == "t"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdecimal()) or len(times[0]) > 12:
        return False
    if abs(delivery.received_at.timestamp() - int(times[0])) > TOLERANCE:
        return False
    expected = signing.hmac_hex(secret, times[0].encode() + b"." + delivery.body)
    return any(signing.same(value, expected) for name, value in parts if name.strip() == "v1")


def _split(delivery: Delivery) -> Sequence[Item]:
    """Known by the event's id, which stands inside what was signed."""
    event = json_fields.load(delivery.body)
    return [Item(delivery.body, json_fields.first_text(event, "id"))]


def _sign(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> Delivery:
    stated = str(int(delivery.received_at.timestamp()))
    signature = signing.hmac_hex(secret, stated.encode() + b"." + delivery.body)
    return delivery.having({"stripe-signature": f"t={stated},v1={signature}"})


_SAMPLE = Item(
    b'{"id":"evt_1","object":"event","type":"customer.created","created":1772447400,'
    b'"data":{"object":{"id":"cus_1","email":"ewa@example.com","name":"Ewa Lis"}}}'
)

ABOUT = Channel(
    label="Stripe",
    group="shop",
    hook=Hook(split=_split, signed=_signed, sign=_sign, issuer="vendor"),
    setup=(
        "In Stripe: Developers, Webhooks, Add destination; events checkout.session.completed, checkout.session.async_payment_succeeded, checkout.session.async_payment_failed, checkout.session.expired, charge.refunded, customer.created, customer.updated and customer.deleted.",
        "Paste the address below as endpoint URL, and its signing secret (whsec_…) here.",
    ),
    sample=_SAMPLE,
)
