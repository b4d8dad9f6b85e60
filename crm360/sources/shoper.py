"""Shoper (Poland): webhooks of orders, customers and newsletter subscribers.

Headers kept: `x-webhook-name` ("order.create"). Its times are the shop's own, without an offset: the source's setting
`timezone` says which.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crm360.facts import Fact
from crm360.kernel import signing
from crm360.sources import json_fields, shoper_objects
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Delivery, Hook, Item, Setting, whole

CHANNEL = "shoper"

_NAME = "x-webhook-name"
_OF_NO_INTEREST = ("product", "parcel", "category", "producer")


def read(payload: Payload) -> Sequence[Fact]:
    """One webhook → facts. Raises Unreadable."""
    name = payload.headers.get(_NAME, "").strip().lower()
    document = json_fields.load(payload.body)
    if name.partition(".")[0] in _OF_NO_INTEREST:
        return []
    arm = _ARMS.get(name)
    if arm is None:
        raise Unreadable(f"Unknown Shoper webhook {name[:60]!r}.")
    return arm(payload, document)


_ARMS: Mapping[str, Callable[[Payload, JsonObject], Sequence[Fact]]] = {
    "order.create": shoper_objects.order_created,
    "order.edit": shoper_objects.order,
    "order.paid": shoper_objects.order,
    "order.status": shoper_objects.order,
    "order.delete": shoper_objects.order_deleted,
    "client.create": shoper_objects.client,
    "client.edit": shoper_objects.client,
    "client.delete": shoper_objects.client_deleted,
    "subscriber.create": shoper_objects.subscriber,
    "subscriber.edit": shoper_objects.subscriber,
    "subscriber.delete": shoper_objects.unsubscribed,
}


def _signed(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> bool:
    """SHA-1 of "id:secret:body" in hex: weaker than an HMAC, and all that Shoper offers."""
    given = delivery.headers.get("x-webhook-sha1", "").strip().lower()
    signed = f"{delivery.headers.get('x-webhook-id', '')}:{secret}:".encode() + delivery.body
    return signing.same(given, hashlib.sha1(signed).hexdigest())  # noqa: S324 - the vendor's choice


def _sign(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> Delivery:
    webhook = delivery.headers.get("x-webhook-id", "1")
    signed = f"{webhook}:{secret}:".encode() + delivery.body
    digest = hashlib.sha1(signed).hexdigest()  # noqa: S324 - the vendor's choice
    return delivery.having({"x-webhook-id": webhook, "x-webhook-sha1": digest})


_SAMPLE = Item(
    b'{"order_id":"12","user_id":"3","email":"ewa@example.com","date":"2026-03-02 10:00:00","sum":"49.90"}',
    headers={_NAME: "order.create"},
)

ABOUT = Channel(
    label="Shoper",
    group="shop",
    # Its id names the webhook, not the delivery: what is told counts once.
    hook=Hook(split=whole(_NAME), signed=_signed, sign=_sign),
    settings=(Setting(name="timezone", label="Time zone of the shop", required=False, default="Europe/Warsaw"),),
    setup=(
        "In Shoper: Settings, Integrations, Webhooks, Add webhook; format JSON; one for each of order.create, order.edit, order.paid, order.status, order.delete, client.create, client.edit, client.delete, subscriber.create and subscriber.delete.",
        "Paste the address below as URL and the secret below as the webhook's secret key.",
    ),
    sample=_SAMPLE,
)
