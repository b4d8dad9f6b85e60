"""Shopify's customer objects → contacts: who an object is about, their fields, identifiers and consents."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from crm360.facts import ConsentStated, ContactRef, ContactSeen, Identifier, TagsStated
from crm360.sources import buyers
from crm360.sources import json_fields as read
from crm360.sources.base import JsonObject, Payload
from crm360.sources.buyers import customer_identifier, customer_ref
from crm360.sources.instants import instant

_KEPT_ATTRIBUTES = ("state", "note", "tax_exempt", "currency", "orders_count", "total_spent")
_STATES: dict[str, Literal["given", "withdrawn", "pending_confirmation"]] = {
    "subscribed": "given",
    "unsubscribed": "withdrawn",
    "pending": "pending_confirmation",
}
_GRADES: dict[str, Literal["A", "B", "D"]] = {"confirmed_opt_in": "A", "single_opt_in": "B", "unknown": "D"}


def gid(value: Any) -> str:
    """An id as Shopify writes it: a number, or "gid://shopify/Customer/7210448301122"."""
    return read.text(value).rpartition("/")[2]


def changed_at(payload: Payload, document: JsonObject) -> datetime:
    """The object's own last change, else when the webhook was triggered, else when it was received."""
    return (
        instant(document.get("updated_at"))
        or instant(document.get("updatedAt") or document.get("occurredAt"))
        or instant(payload.headers.get("x-shopify-triggered-at"))
        or payload.received_at
    )


def buyer(payload: Payload, document: JsonObject) -> ContactSeen | None:
    """Whom an order, cart or checkout belongs to: a customer, a guest by e-mail or phone, a device; or nobody."""
    customer = read.obj(document.get("customer"))
    address = read.obj(document.get("billing_address")) or read.obj(document.get("shipping_address"))
    # The customer's own data first: an order may be billed to somebody else.
    email = read.first_text(customer, "email") or read.first_text(document, "email", "contact_email")
    phone = (
        read.first_text(customer, "phone") or read.first_text(document, "phone") or read.first_text(address, "phone")
    )
    return buyers.buyer(
        payload,
        occurred_at=changed_at(payload, document),
        customer_id=gid(customer.get("id")),
        email=email,
        phone=phone,
        device=_device(document),
        verified=customer.get("verified_email") is True,
        fields=_fields(customer, read.obj(customer.get("default_address")) or address),
    )


def _device(document: JsonObject) -> str:
    """The web visitor's id that shops put into the cart so that the order finds the visitor."""
    notes = document.get("note_attributes") or document.get("attributes")
    if isinstance(notes, dict):
        return buyers.device_of(notes.items())
    return buyers.device_of((note.get("name"), note.get("value")) for note in read.objects(notes))


def _addresses(email: str, phone: str, *, verified: bool) -> list[Identifier]:
    found = [Identifier("email", email, verified)] if email else []
    return [*found, Identifier("phone", phone)] if phone else found


def _fields(customer: JsonObject, address: JsonObject) -> dict[str, str]:
    return buyers.contact_fields(
        given_name=read.first_text(customer, "first_name") or read.first_text(address, "first_name"),
        family_name=read.first_text(customer, "last_name") or read.first_text(address, "last_name"),
        company=read.first_text(address, "company"),
        street=read.first_text(address, "address1"),
        address_2=read.first_text(address, "address2"),
        city=read.first_text(address, "city"),
        postcode=read.first_text(address, "zip"),
        state=read.first_text(address, "province", "province_code"),
        country=read.first_text(address, "country_code", "country"),
        locale=read.first_text(customer, "locale"),
        joined_on=read.first_text(customer, "created_at")[:10],
    )


def customer(payload: Payload, document: JsonObject) -> ContactSeen:
    """A whole customer object, as customers/create and customers/update send it."""
    customer_id = gid(document.get("id"))
    addresses = read.objects(document.get("addresses"))
    address = read.obj(document.get("default_address")) or (addresses[0] if addresses else {})
    verified = document.get("verified_email") is True
    email, phone = read.first_text(document, "email"), read.first_text(document, "phone")
    return ContactSeen(
        ref=customer_ref(payload, customer_id),
        occurred_at=changed_at(payload, document),
        fields=_fields(document, address),
        identifiers=(
            customer_identifier(payload, customer_id),
            *_addresses(email, phone or read.first_text(address, "phone"), verified=verified),
        ),
        attributes={name: document[name] for name in _KEPT_ATTRIBUTES if document.get(name) not in (None, "")},
    )


def tags(payload: Payload, document: JsonObject) -> list[TagsStated]:
    """The customer's whole set of tags; newer API versions leave it out, which says nothing."""
    if not isinstance(document.get("tags"), str | list):
        return []
    ref = customer_ref(payload, gid(document.get("id")))
    return [TagsStated(ref=ref, tags=read.texts(document["tags"]), occurred_at=changed_at(payload, document))]


def consents(payload: Payload, document: JsonObject, ref: ContactRef) -> list[ConsentStated]:
    """`email_marketing_consent`, `sms_marketing_consent` and the old `accepts_marketing` as acts; "not subscribed" is
    the absence of one."""
    email, phone = read.first_text(document, "email", "email_address"), read.first_text(document, "phone")
    found: list[ConsentStated] = []
    if email:
        stated = read.obj(document.get("email_marketing_consent")) or _old_style(document)
        found += _consent(payload, document, ref, Identifier("email", email), "email", stated)
    if phone:
        stated = read.obj(document.get("sms_marketing_consent"))
        found += _consent(payload, document, ref, Identifier("phone", phone), "sms", stated)
    return found


def _old_style(document: JsonObject) -> JsonObject:
    if document.get("accepts_marketing") is not True:
        return {}
    return {
        "state": "subscribed",
        "opt_in_level": read.first_text(document, "marketing_opt_in_level"),
        "consent_updated_at": document.get("accepts_marketing_updated_at"),
    }


def _consent(
    payload: Payload,
    document: JsonObject,
    ref: ContactRef,
    identifier: Identifier,
    channel: Literal["email", "sms"],
    stated: JsonObject,
) -> list[ConsentStated]:
    state = _STATES.get(read.first_text(stated, "state").lower())
    if state is None:
        return []
    occurred_at = instant(stated.get("consent_updated_at")) or changed_at(payload, document)
    level = read.first_text(stated, "opt_in_level")
    return [
        ConsentStated(
            ref=ref,
            identifier=identifier,
            purpose="marketing",
            channel=channel,
            state=state,
            occurred_at=occurred_at,
            source=payload.source,
            method=level or read.first_text(stated, "consent_collected_from").lower(),
            evidence_grade="B" if state == "withdrawn" else _GRADES.get(level, "D"),
            # The same act is repeated in every later update of the customer.
            statement_id=f"{ref.external_id}:{channel}:{state}:{occurred_at.isoformat()}",
            evidence=stated,
        )
    ]
