"""WooCommerce: webhooks of orders and customers, and its REST API asked for reviews and for what a webhook may have lost.

WooCommerce sends each delivery once and gives a webhook up after five failures, so the poll is what makes it reliable.
Headers kept: `x-wc-webhook-topic`. Of the source's settings the reader uses `timezone` (times without an offset are
the shop's own) and `currency`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from crm360.facts import Fact
from crm360.kernel import signing
from crm360.sources import json_fields, woocommerce_customers, woocommerce_orders
from crm360.sources.base import Payload, Unreadable
from crm360.sources.channel import Answer, Channel, Delivery, Hook, Item, Setting
from crm360.sources.woocommerce_poll import item, poll

CHANNEL = "woocommerce"

TOPIC = "x-wc-webhook-topic"
_PING = re.compile(rb"webhook_id=\d{1,20}")
#: Understood, and nothing about a customer.
_OF_NO_INTEREST = ("product", "coupon", "action")


def read(payload: Payload) -> Sequence[Fact]:
    """One webhook or one polled object → facts. Raises Unreadable."""
    document = json_fields.load(payload.body)
    resource, _, event = payload.headers.get(TOPIC, "").strip().lower().partition(".")
    if resource in _OF_NO_INTEREST:
        return []
    if not json_fields.text(document.get("id")):
        raise Unreadable("The WooCommerce payload has no id.")
    if resource == "order":
        read_order = woocommerce_orders.deleted if event == "deleted" else woocommerce_orders.order
        return read_order(payload, document)
    if resource == "customer":
        read_customer = woocommerce_customers.deleted if event == "deleted" else woocommerce_customers.customer
        return read_customer(payload, document)
    if resource == "review":
        return woocommerce_customers.review(payload, document)
    raise Unreadable(f"Unknown WooCommerce topic {payload.headers.get(TOPIC, '')[:60]!r}.")


def _signed(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> bool:
    """HMAC-SHA256 of the raw body in base64."""
    given = delivery.headers.get("x-wc-webhook-signature", "").strip()
    return signing.same(given, signing.hmac_base64(secret, delivery.body))


def _pinged(delivery: Delivery, _secret: str, _settings: Mapping[str, Any]) -> Answer | None:
    """Saving a webhook sends `webhook_id=7`, unsigned and without a topic; only exactly 200 activates it."""
    is_ping = delivery.method == "POST" and TOPIC not in delivery.headers and _PING.fullmatch(delivery.body.strip())
    return Answer() if is_ping else None


def _split(delivery: Delivery) -> Sequence[Item]:
    """Its own delivery id is made of the second: two events share it, so an object's state is its own key."""
    topic = delivery.headers.get(TOPIC, "")
    return [
        item(
            topic, delivery.body, json_fields.load(delivery.body), delivery.headers.get("x-wc-webhook-delivery-id", "")
        )
    ]


def _sign(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> Delivery:
    return delivery.having({"x-wc-webhook-signature": signing.hmac_base64(secret, delivery.body)})


_SAMPLE = Item(
    b'{"id":727,"number":"727","status":"processing","currency":"PLN","total":"49.90","customer_id":0,"billing":{"email":'
    b'"ewa@example.com","first_name":"Ewa"},"date_created_gmt":"2026-03-02T09:00:00","date_modified_gmt":"2026-03-02T09:00:05"}',
    headers={TOPIC: "order.updated"},
)

ABOUT = Channel(
    label="WooCommerce",
    group="shop",
    hook=Hook(split=_split, signed=_signed, sign=_sign, greeting=_pinged),
    poll=poll,
    every_seconds=600,
    settings=(
        Setting(name="url", label="Address of the shop", kind="url", required=False, help="https://shop.example.com"),
        Setting(name="consumer_key", label="Consumer key", kind="secret", required=False),
        Setting(name="consumer_secret", label="Consumer secret", kind="secret", required=False),
        Setting(name="timezone", label="Time zone of the shop", required=False, default="Europe/Warsaw"),
    ),
    setup=(
        "In WordPress: WooCommerce, Settings, Advanced, Webhooks, Add webhook; one for each of order created, updated, deleted and restored, and customer created, updated and deleted.",
        "Paste the address below as delivery URL and the secret below as secret; status Active.",
        "WooCommerce, Settings, Advanced, REST API, Add key with permission Read; enter its consumer key and secret here, so that what a webhook lost is fetched.",
    ),
    sample=_SAMPLE,
)
