"""WooCommerce's customers, whom its orders belong to, who wrote its reviews → contacts; its times → UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crm360.facts import ActivityNoted, ContactSeen, Fact
from crm360.sources import buyers, product_reviews
from crm360.sources import json_fields as read
from crm360.sources.base import JsonObject, Payload
from crm360.sources.instants import instant
from crm360.sources.local_times import zone_of

_KEPT_ATTRIBUTES = ("username", "role")


def moment(payload: Payload, document: JsonObject, name: str) -> datetime | None:
    """`<name>_gmt`, else `<name>`, which is the shop's local time without an offset."""
    return instant(document.get(f"{name}_gmt")) or instant(document.get(name), zone_of(payload))


def changed_at(payload: Payload, document: JsonObject) -> datetime:
    """The object's last change, else when it was received (a deleted one says its id alone)."""
    found = moment(payload, document, "date_modified") or moment(payload, document, "date_created")
    return found or payload.received_at


def buyer(payload: Payload, document: JsonObject) -> ContactSeen | None:
    """Whom an order belongs to; `customer_id` 0 is a guest, known by the billing address alone."""
    customer_id = read.text(document.get("customer_id"))
    billing = read.obj(document.get("billing"))
    metas = ((meta.get("key"), meta.get("value")) for meta in read.objects(document.get("meta_data")))
    return buyers.buyer(
        payload,
        occurred_at=changed_at(payload, document),
        customer_id="" if customer_id == "0" else customer_id,
        email=read.first_text(billing, "email"),
        phone=read.first_text(billing, "phone"),
        device=buyers.device_of(metas),
        fields=_fields(billing or read.obj(document.get("shipping"))),
    )


def customer(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """A customer with an account."""
    billing = read.obj(document.get("billing"))
    fields = _fields(billing)
    for field, name in (("given_name", "first_name"), ("family_name", "last_name")):
        if own := read.first_text(document, name):
            fields[field] = own
    if joined := read.first_text(document, "date_created_gmt", "date_created")[:10]:
        fields["joined_on"] = joined
    seen = buyers.buyer(
        payload,
        occurred_at=changed_at(payload, document),
        customer_id=read.text(document.get("id")),
        email=read.first_text(document, "email") or read.first_text(billing, "email"),
        phone=read.first_text(billing, "phone"),
        fields=fields,
        attributes={name: value for name in _KEPT_ATTRIBUTES if (value := read.first_text(document, name))},
    )
    return [seen] if seen else []


def deleted(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """An account that was deleted names its id alone; the purchases stay the shop's."""
    customer_id, at = read.text(document.get("id")), changed_at(payload, document)
    seen = ContactSeen(
        ref=buyers.customer_ref(payload, customer_id),
        occurred_at=at,
        identifiers=(buyers.customer_identifier(payload, customer_id),),
    )
    title = "Account deleted in the shop"
    return [seen, ActivityNoted(ref=seen.ref, kind="customer.deleted", occurred_at=at, title=title)]


def review(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """A product's review as the REST API tells it (webhooks of reviews there are none). It bears no time of a change."""
    writer = {"name": document.get("reviewer"), "email": document.get("reviewer_email")}
    written = moment(payload, document, "date_created") or payload.received_at
    said = {**document, "body": document.get("review")}
    return product_reviews.facts(payload, said, writer=writer, written=written, changed=payload.received_at)


def _fields(address: JsonObject) -> dict[str, str]:
    return buyers.contact_fields(
        given_name=read.first_text(address, "first_name"),
        family_name=read.first_text(address, "last_name"),
        company=read.first_text(address, "company"),
        street=read.first_text(address, "address_1"),
        address_2=read.first_text(address, "address_2"),
        city=read.first_text(address, "city"),
        postcode=read.first_text(address, "postcode"),
        state=read.first_text(address, "state"),
        country=read.first_text(address, "country"),
    )
