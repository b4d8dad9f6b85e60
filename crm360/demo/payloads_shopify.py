"""What Shopify sends to its webhooks: customers, consents, orders, cancellations, refunds and abandoned checkouts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crm360.demo import browsing, payloads_shopify_orders
from crm360.demo.views import SECOND_SHOP, SHOP, View, view
from crm360.demo.world import Consent, Person, Visit, World
from crm360.kernel import signing

DOMAIN = "lipowa-oak.myshopify.com"
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook before it is signed."""

    topic: str
    at: datetime
    document: Document

    def body(self) -> bytes:
        """The bytes that are signed and sent."""
        return json.dumps(self.document, ensure_ascii=False, separators=(",", ":")).encode()

    def headers(self, body: bytes, secret: str) -> dict[str, str]:
        """Shopify's headers, the signature over `body` among them."""
        return {
            "Content-Type": "application/json",
            "X-Shopify-Topic": self.topic,
            "X-Shopify-Hmac-Sha256": signing.hmac_base64(secret, body),
            "X-Shopify-Shop-Domain": DOMAIN,
            "X-Shopify-API-Version": "2025-10",
            "X-Shopify-Webhook-Id": f"demo-{self.topic}-{self.document.get('id', '')}-{stamp(self.at)}",
            "X-Shopify-Triggered-At": stamp(self.at),
        }


def deliveries(world: World) -> list[Delivery]:
    """Every webhook, oldest first."""
    found = [delivery for person in world.people if person.shop_id for delivery in _customer(person, world.anchor)]
    found += [_consent(one) for one in world.consents if one.how == "shop"]
    for bought in world.purchases:
        if not bought.store and bought.buyer:
            seen = view(bought.buyer, SHOP, bought.at)
            customer = customer_document(bought.buyer, seen, bought.buyer.shop_id, bought.at)
            device, cart = bought.buyer.device, browsing.cart_of(bought)
            found += [
                Delivery(topic, at, document)
                for topic, at, document in payloads_shopify_orders.documents(
                    bought, customer, address(seen), device, cart
                )
            ]
    ordered = {browsing.cart_of(bought) for bought in world.purchases if not bought.store}
    for visit in world.visits:
        if visit.visitor and not visit.device and visit.cart_id not in ordered:  # the tracker tells of the others
            found.append(_checkout(visit.visitor, visit))
    return sorted(found, key=lambda delivery: (delivery.at, delivery.topic))


def stamp(at: datetime) -> str:
    """A moment as Shopify writes it."""
    return at.isoformat(timespec="seconds")


def address(seen: View) -> Document:
    """A postal address."""
    return {
        "first_name": seen.given, "last_name": seen.family, "address1": seen.home.line, "address2": None,
        "city": seen.home.city, "zip": seen.home.postcode, "country_code": seen.home.country, "phone": seen.phone or None,
    }  # fmt: skip


def customer_document(person: Person, seen: View, customer_id: int, at: datetime) -> Document:
    """A customer object of the 2025 API, which says nothing of consents."""
    company = person.company.name if person.company else None
    return {
        "id": customer_id, "email": seen.email, "first_name": seen.given, "last_name": seen.family,
        "phone": seen.phone or None, "state": "enabled", "verified_email": True, "tax_exempt": False,
        "note": f"NIP {person.company.tax_id}" if person.company else None, "locale": person.language,
        "created_at": stamp(person.joined_at), "updated_at": stamp(at),
        "default_address": {**address(seen), "company": company},
    }  # fmt: skip


def _customer(person: Person, anchor: datetime) -> Iterator[Delivery]:
    changes = {change[0] + timedelta(days=5) for change in (person.moved, person.family_since) if change}
    for index, at in enumerate([person.joined_at, *sorted(at for at in changes if at < anchor)]):
        document = customer_document(person, view(person, SHOP, at), person.shop_id, at)
        yield Delivery("customers/update" if index else "customers/create", at, document)
    if person.second_shop_id:
        at = min(person.joined_at + timedelta(days=170), anchor - timedelta(days=2))
        document = customer_document(person, view(person, SECOND_SHOP, at), person.second_shop_id, at)
        yield Delivery("customers/create", at, {**document, "created_at": stamp(at)})


def _consent(one: Consent) -> Delivery:
    """Half of the shop's subscribers confirmed by a link."""
    person, seen = one.person, view(one.person, SHOP, one.at)
    level = "confirmed_opt_in" if person.key % 2 else "single_opt_in"
    state = {"state": "subscribed" if one.given else "unsubscribed", "opt_in_level": level,
             "consent_updated_at": stamp(one.at)}  # fmt: skip
    where: Document = {"email_address": seen.email, "email_marketing_consent": state}
    if one.channel == "sms":
        where = {"phone": person.mobile, "sms_marketing_consent": {**state, "consent_collected_from": "SHOPIFY"}}
    document = {"customer_id": person.shop_id, "updated_at": stamp(one.at), **where}
    topic = (
        "customers/email_marketing_consent_update" if one.channel == "email" else "customers/marketing_consent_update"
    )
    return Delivery(topic, one.at, {"id": person.shop_id, **document})


def _checkout(person: Person, visit: Visit) -> Delivery:
    """Somebody who typed their address and went away without paying."""
    at = visit.at + timedelta(minutes=6)
    seen = view(person, SHOP, at)
    document = payloads_shopify_orders.checkout(visit, person.language, at)
    customer = customer_document(person, seen, person.shop_id, at)
    whose = {"email": seen.email, "phone": seen.phone or None, "customer": customer}
    return Delivery("checkouts/create", at, document | whose)
