"""Shopify webhooks: one delivery per payload, its topic in the header `x-shopify-topic`.

The optional header `currency` is the shop's (carts name none), `region` the country of phones in national notation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from crm360.facts import ActivityNoted, ContactSeen, Fact, Identifier, PrivacyRequested, SamePerson
from crm360.kernel import signing
from crm360.sources import json_fields, shopify_orders
from crm360.sources import shopify_customers as customers
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Delivery, Hook, Item
from crm360.sources.instants import instant

CHANNEL = "shopify"


def read(payload: Payload) -> Sequence[Fact]:
    """One webhook → facts. Raises Unreadable, also for a topic this shop should not have subscribed to."""
    topic = payload.headers.get("x-shopify-topic", "").strip().lower().replace("customer.tags_", "customers/tags_")
    arm = _ARMS.get(topic)
    if arm is None:
        raise Unreadable(f"Unknown Shopify topic {topic[:60]!r}.")
    return arm(payload, json_fields.load(payload.body))


def _id(document: JsonObject, *keys: str) -> str:
    for key in keys:
        if found := customers.gid(document.get(key)):
            return found
    raise Unreadable(f"The payload names no customer: {' or '.join(keys)} is missing.")


def _seen(payload: Payload, document: JsonObject, customer_id: str) -> ContactSeen:
    return ContactSeen(
        ref=customers.customer_ref(payload, customer_id),
        occurred_at=customers.changed_at(payload, document),
        identifiers=(customers.customer_identifier(payload, customer_id),),
    )


def _customer(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    _id(document, "id")
    seen = customers.customer(payload, document)
    return [seen, *customers.tags(payload, document), *customers.consents(payload, document, seen.ref)]


def _noted(kind: str, title: str, *id_keys: str) -> Callable[[Payload, JsonObject], Sequence[Fact]]:
    def read_noted(payload: Payload, document: JsonObject) -> Sequence[Fact]:
        seen = _seen(payload, document, _id(document, *id_keys))
        # What a bare {"id": …} says beyond its topic; never a person's data.
        properties = {"tags": tags} if (tags := json_fields.texts(document.get("tags"))) else {}
        noted = ActivityNoted(ref=seen.ref, kind=kind, occurred_at=seen.occurred_at, title=title, properties=properties)
        return [seen, noted]

    return read_noted


def _marketing_consent(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    seen = _seen(payload, document, _id(document, "customer_id", "customerId", "id"))
    return [seen, *customers.consents(payload, document, seen.ref)]


def _summed_up(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """How much a customer bought: newer API versions tell it apart from the customer."""
    seen = _seen(payload, document, _id(document, "customerId", "customer_id", "id"))
    spent = document.get("totalSpent") or document.get("total_spent")
    amount = json_fields.obj(spent).get("amount") if isinstance(spent, dict) else spent
    count = document.get("numberOfOrders") or document.get("orders_count")
    told = {"total_spent": json_fields.text(amount), "orders_count": json_fields.text(count)}
    attributes = {name: value for name, value in told.items() if value}
    return [replace(seen, attributes=attributes)]


def _merged(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """Staff of the shop joined two of its customers: the one kept and the one that is gone are one person."""
    kept = _id(document, "admin_graphql_api_customer_kept_id", "customer_kept_id", "kept_id")
    gone = _id(document, "admin_graphql_api_customer_deleted_id", "customer_deleted_id", "deleted_id")
    if kept == gone or json_fields.first_text(document, "status").lower() in ("failed", "in_progress", "requested"):
        return []
    seen = _seen(payload, document, kept)
    former = customers.customer_ref(payload, gone)
    return [seen, SamePerson(ref=seen.ref, former=former, occurred_at=seen.occurred_at)]


def _privacy(right: Literal["access", "erasure", "shop_erasure"]) -> Callable[[Payload, JsonObject], Sequence[Fact]]:
    def read_request(payload: Payload, document: JsonObject) -> Sequence[Fact]:
        customer = json_fields.obj(document.get("customer"))
        email, phone = json_fields.first_text(customer, "email"), json_fields.first_text(customer, "phone")
        customer_id = customers.gid(customer.get("id"))
        if right != "shop_erasure" and not (customer_id or email or phone):
            raise Unreadable("The request names no customer. An operator has to act on it.")
        identifiers = [customers.customer_identifier(payload, customer_id)] if customer_id else []
        identifiers += [Identifier("email", email)] if email else []
        identifiers += [Identifier("phone", phone)] if phone else []
        return [
            PrivacyRequested(
                source=payload.source,
                right=right,
                request_id=_request_id(payload, document),
                occurred_at=instant(payload.headers.get("x-shopify-triggered-at")) or payload.received_at,
                about=customers.customer_ref(payload, customer_id) if customer_id else None,
                identifiers=tuple(identifiers),
                details={name: value for name in _ASKED if (value := document.get(name))},
            )
        ]

    return read_request


_ASKED = ("shop_domain", "orders_requested", "orders_to_redact", "data_request")


def _request_id(payload: Payload, document: JsonObject) -> str:
    """A request for a copy has an id; one for erasure only that of its delivery."""
    if request := customers.gid(json_fields.obj(document.get("data_request")).get("id")):
        return f"data_request:{request}"
    topic = payload.headers.get("x-shopify-topic", "").strip().lower()
    delivery = payload.headers.get("x-shopify-webhook-id") or payload.headers.get("x-shopify-event-id")
    return f"{topic}:{(delivery or json_fields.digest(payload.body))[:150]}"


_ARMS: Mapping[str, Callable[[Payload, JsonObject], Sequence[Fact]]] = {
    "customers/create": _customer,
    "customers/update": _customer,
    "customers/enable": _customer,
    "customers/disable": _customer,
    "customers/delete": _noted("customer.deleted", "Account deleted in the shop", "id"),
    "customers/email_marketing_consent_update": _marketing_consent,
    "customers/marketing_consent_update": _marketing_consent,
    "customers/tags_added": _noted("customer.tags-added", "Tags added", "customerId", "customer_id", "id"),
    "customers/tags_removed": _noted("customer.tags-removed", "Tags removed", "customerId", "customer_id", "id"),
    "customers/purchasing_summary": _summed_up,
    "customers/merge": _merged,
    "customers/data_request": _privacy("access"),
    "customers/redact": _privacy("erasure"),
    "shop/redact": _privacy("shop_erasure"),
    "orders/create": shopify_orders.order,
    "orders/updated": shopify_orders.order,
    "orders/paid": shopify_orders.order,
    "orders/cancelled": shopify_orders.order,
    "orders/fulfilled": shopify_orders.order,
    "orders/partially_fulfilled": shopify_orders.order,
    "orders/delete": shopify_orders.deleted,
    "refunds/create": shopify_orders.refund,
    "carts/create": shopify_orders.cart,
    "carts/update": shopify_orders.cart,
    "checkouts/create": shopify_orders.checkout_started,
    "checkouts/update": shopify_orders.checkout,
}


_PRIVACY = ("customers/data_request", "customers/redact", "shop/redact")
_KEPT = ("topic", "shop-domain", "api-version", "webhook-id", "event-id", "triggered-at")


def _signed(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> bool:
    """HMAC-SHA256 of the raw body in base64."""
    given = delivery.headers.get("x-shopify-hmac-sha256", "").strip()
    return signing.same(given, signing.hmac_base64(secret, delivery.body))


def _split(delivery: Delivery) -> Sequence[Item]:
    """A retry repeats the body word for word, so what it says is its own key, and ids in unsigned headers decide nothing.

    Only a privacy request carries no time of its own: there the same words may be a second request.
    """
    names = (f"x-shopify-{name}" for name in _KEPT)
    headers = {name: delivery.headers[name] for name in names if name in delivery.headers}
    topic = headers.get("x-shopify-topic", "")
    told_again = headers.get("x-shopify-webhook-id", "") if topic in _PRIVACY else ""
    said = hashlib.sha256(delivery.body).hexdigest()
    return [Item(delivery.body, " ".join(filter(None, (topic, said, told_again))), headers)]


def _sign(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> Delivery:
    return delivery.having({"x-shopify-hmac-sha256": signing.hmac_base64(secret, delivery.body)})


_SAMPLE = Item(
    b'{"id":5001,"name":"#1001","email":"ewa@example.com","total_price":"49.90","currency":"PLN","financial_status":"paid",'
    b'"created_at":"2026-03-02T10:00:00+01:00","updated_at":"2026-03-02T10:00:00+01:00"}',
    headers={"x-shopify-topic": "orders/create"},
)

ABOUT = Channel(
    label="Shopify",
    group="shop",
    hook=Hook(split=_split, signed=_signed, sign=_sign, issuer="vendor"),
    setup=(
        "In Shopify: Settings, Notifications, Webhooks, Create webhook, format JSON, one for each topic you need.",
        "Paste the address below as its URL, and Shopify's signing secret here.",
    ),
    sample=_SAMPLE,
)
