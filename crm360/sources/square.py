"""Square, tills and online shop: webhooks of customers and loyalty accounts, and a poll that fetches the purchases.

Webhooks of orders and payments carry ids only, so they are taken and say nothing; the poll brings the order whole.
A polled object comes as `{"type": "polled.order", "data": {"object": {"order": {…}}}}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crm360.facts import Fact
from crm360.kernel import signing
from crm360.sources import json_fields, square_customers, square_orders
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Delivery, Hook, Item, Setting
from crm360.sources.square_poll import poll

CHANNEL = "square"


def read(payload: Payload) -> Sequence[Fact]:
    """One event or polled object → facts. Raises Unreadable."""
    event = json_fields.load(payload.body)
    kind = json_fields.first_text(event, "type")
    data = json_fields.obj(event.get("data"))
    if not kind or not data:
        raise Unreadable("A Square event needs a type and data.")
    arm = _ARMS.get(kind)
    return arm(payload, event, json_fields.obj(data.get("object"))) if arm else []


_ARMS: Mapping[str, Callable[[Payload, JsonObject, JsonObject], Sequence[Fact]]] = {
    "customer.created": square_customers.customer,
    "customer.updated": square_customers.customer,
    "customer.deleted": square_customers.deleted,
    "loyalty.account.created": square_customers.loyalty_account,
    "loyalty.account.updated": square_customers.loyalty_account,
    "payment.created": square_customers.payment,
    "payment.updated": square_customers.payment,
    "polled.customer": square_customers.customer,
    "polled.loyalty_account": square_customers.loyalty_account,
    "polled.order": square_orders.order,
}


def _signed(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> bool:
    """HMAC-SHA256 of the address as Square has it and the raw body, in base64."""
    given = delivery.headers.get("x-square-hmacsha256-signature", "").strip()
    return signing.same(given, signing.hmac_base64(secret, delivery.url.encode() + delivery.body))


def _split(delivery: Delivery) -> Sequence[Item]:
    """Known by the event's id, which stands inside what was signed."""
    event = json_fields.load(delivery.body)
    return [Item(delivery.body, json_fields.first_text(event, "event_id"))]


def _sign(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> Delivery:
    signature = signing.hmac_base64(secret, delivery.url.encode() + delivery.body)
    return delivery.having({"x-square-hmacsha256-signature": signature})


_SAMPLE = Item(
    b'{"merchant_id":"M1","type":"customer.created","event_id":"e-1","created_at":"2026-03-02T09:00:00Z","data":{"type":'
    b'"customer","id":"C1","object":{"customer":{"id":"C1","given_name":"Ewa","email_address":"ewa@example.com"}}}}'
)

ABOUT = Channel(
    label="Square",
    group="store",
    hook=Hook(split=_split, signed=_signed, sign=_sign, issuer="vendor"),
    poll=poll,
    settings=(
        Setting(name="access_token", label="Access token", kind="secret", required=False),
        Setting(
            name="url", label="Address of the API", kind="url", required=False, default="https://connect.squareup.com"
        ),
    ),
    setup=(
        "In Square's Developer Console: your application, Webhooks, Subscriptions, Add subscription; events customer.created, customer.updated, customer.deleted, loyalty.account.created, loyalty.account.updated and payment.updated.",
        "Paste the address below as notification URL, exactly as it stands, and the subscription's signature key here.",
        "Your application, Credentials: enter its production access token here, so that purchases are fetched.",
    ),
    sample=_SAMPLE,
)
