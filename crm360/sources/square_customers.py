"""Square's customers, loyalty accounts and payers → contacts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crm360.facts import ActivityNoted, ConsentStated, ContactRef, ContactSeen, Fact, Identifier, SamePerson
from crm360.sources import buyers
from crm360.sources import json_fields as read
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.contact_keys import iso_birth_date
from crm360.sources.instants import instant

_KEPT_ATTRIBUTES = ("reference_id", "note", "nickname", "creation_source")


def changed_at(payload: Payload, event: JsonObject, about: JsonObject) -> datetime:
    """The object's last change, else the event's time, else when it was received."""
    return instant(about.get("updated_at")) or instant(event.get("created_at")) or payload.received_at


def customer(payload: Payload, event: JsonObject, found: JsonObject) -> Sequence[Fact]:
    """A customer; when two profiles were merged, the one kept carries the ids of those it took in."""
    about = read.obj(found.get("customer"))
    customer_id, at = _id(about, "customer"), changed_at(payload, event, about)
    email = read.first_text(about, "email_address")
    seen = buyers.buyer(
        payload,
        occurred_at=at,
        customer_id=customer_id,
        email=email,
        phone=read.first_text(about, "phone_number"),
        fields=_fields(about),
        attributes={name: value for name in _KEPT_ATTRIBUTES if (value := read.first_text(about, name))},
    )
    if seen is None:
        return []
    joined = (buyers.customer_ref(payload, gone) for gone in _merged(found, about, into=customer_id))
    same = [SamePerson(ref=seen.ref, former=former, occurred_at=at) for former in joined]
    return [seen, *same, *_unsubscribed(payload, about, seen, email, at)]


def deleted(payload: Payload, event: JsonObject, found: JsonObject) -> Sequence[Fact]:
    """A profile that is gone: because another took it in, or for good."""
    about = read.obj(found.get("customer"))
    customer_id, at = _id(about, "customer"), changed_at(payload, event, about)
    into = read.first_text(_merge(found, about), "to_customer_id")
    if into and into != customer_id:
        kept = buyers.customer_ref(payload, into)
        merged = ContactSeen(ref=kept, occurred_at=at, identifiers=(buyers.customer_identifier(payload, into),))
        return [merged, SamePerson(ref=kept, former=buyers.customer_ref(payload, customer_id), occurred_at=at)]
    seen = ContactSeen(
        ref=buyers.customer_ref(payload, customer_id),
        occurred_at=at,
        identifiers=(buyers.customer_identifier(payload, customer_id),),
    )
    title = "Customer deleted at Square"
    return [seen, ActivityNoted(ref=seen.ref, kind="customer.deleted", occurred_at=at, title=title)]


def loyalty_account(payload: Payload, event: JsonObject, found: JsonObject) -> Sequence[Fact]:
    """A loyalty account: its phone, its own number as a card, and the customer it belongs to when known."""
    about = read.obj(found.get("loyalty_account"))
    account_id, at = _id(about, "loyalty account"), changed_at(payload, event, about)
    phone = read.first_text(read.obj(about.get("mapping")), "phone_number")
    customer_id = read.first_text(about, "customer_id")
    identifiers = [buyers.customer_identifier(payload, customer_id)] if customer_id else []
    if phone:
        identifiers.append(Identifier("phone", phone))
    points = {name: about[name] for name in ("balance", "lifetime_points") if isinstance(about.get(name), int)}
    joined = read.first_text(about, "enrolled_at", "created_at")[:10]
    return [
        ContactSeen(
            ref=ContactRef(payload.source, f"loyalty:{account_id}"),
            occurred_at=at,
            identifiers=(*identifiers, Identifier("card", account_id)),
            fields={"joined_on": joined} if joined else {},
            attributes={f"loyalty_{name}": value for name, value in points.items()},
        )
    ]


def payment(payload: Payload, event: JsonObject, found: JsonObject) -> Sequence[Fact]:
    """Who paid. What was bought comes with the order, which the poll fetches."""
    about = read.obj(found.get("payment"))
    _id(about, "payment")
    address = read.obj(about.get("billing_address"))
    seen = buyers.buyer(
        payload,
        occurred_at=changed_at(payload, event, about),
        customer_id=read.first_text(about, "customer_id"),
        email=read.first_text(about, "buyer_email_address"),
        fields=_address(address),
    )
    return [seen] if seen else []


def _id(about: JsonObject, what: str) -> str:
    if found := read.first_text(about, "id"):
        return found
    raise Unreadable(f"The Square {what} has no id.")


def _merge(found: JsonObject, about: JsonObject) -> JsonObject:
    context = read.obj(found.get("event_context")) or read.obj(about.get("event_context"))
    return read.obj(context.get("merge"))


def _merged(found: JsonObject, about: JsonObject, *, into: str) -> list[str]:
    merge = _merge(found, about)
    if read.first_text(merge, "to_customer_id") not in ("", into):
        return []
    return [each for each in read.texts(merge.get("from_customer_ids")) if each != into]


def _unsubscribed(
    payload: Payload, about: JsonObject, seen: ContactSeen, email: str, at: datetime
) -> Sequence[ConsentStated]:
    """Square knows who unsubscribed from its e-mails; that somebody did not is no permission."""
    if not email or read.obj(about.get("preferences")).get("email_unsubscribed") is not True:
        return []
    return [
        ConsentStated(
            ref=seen.ref,
            identifier=Identifier("email", email),
            purpose="marketing",
            channel="email",
            state="withdrawn",
            occurred_at=at,
            source=payload.source,
            method="square",
            evidence_grade="B",
            statement_id=f"{seen.ref.external_id}:email-unsubscribed",
        )
    ]


def _fields(about: JsonObject) -> dict[str, str]:
    fields = _address(read.obj(about.get("address")))
    birthday = read.first_text(about, "birthday")
    more = {
        "given_name": read.first_text(about, "given_name"),
        "family_name": read.first_text(about, "family_name"),
        "company": read.first_text(about, "company_name"),
        # Square writes the year 0000 where only day and month are known.
        "birth_date": "" if birthday.startswith("0000") else iso_birth_date(birthday[:10]),
        "joined_on": read.first_text(about, "created_at")[:10],
    }
    return fields | {name: value for name, value in more.items() if value}


def _address(address: JsonObject) -> dict[str, str]:
    return buyers.contact_fields(
        given_name=read.first_text(address, "first_name"),
        family_name=read.first_text(address, "last_name"),
        street=read.first_text(address, "address_line_1"),
        address_2=read.first_text(address, "address_line_2"),
        city=read.first_text(address, "locality"),
        postcode=read.first_text(address, "postal_code"),
        state=read.first_text(address, "administrative_district_level_1"),
        country=read.first_text(address, "country"),
    )
