"""Shoper's orders, customers and subscribers → facts. Amounts are texts in the order's currency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from crm360.facts import (
    ActivityNoted,
    ConsentStated,
    ContactRef,
    ContactSeen,
    Fact,
    Identifier,
    OrderCancelled,
    OrderLine,
    OrderPlaced,
)
from crm360.normalise.text import fold
from crm360.sources import buyers
from crm360.sources import json_fields as read
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.contact_keys import email_key
from crm360.sources.instants import instant
from crm360.sources.local_times import zone_of

#: Kinds of status: 1 new, 2 in progress, 3 sent, 4 ended without a sale (cancelled, rejected, given back).
_ENDED = "4"
_GIVEN_BACK = ("zwrot", "zwroc", "refund", "return")
_KEPT_ATTRIBUTES = ("payment_id", "shipping_id", "notes", "discount_code", "origin", "promo_code")


def order_created(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """A new order: its first version, whenever it arrives."""
    return _order(payload, document, _moment(payload, document, "date") or payload.received_at)


def order(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """An order that changed. Shoper does not say when, so a later delivery is a newer version."""
    return _order(payload, document, payload.received_at)


def order_deleted(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """An order that is gone names little more than its id."""
    at = payload.received_at
    order_id = _id(document, "order_id", "id")
    return [OrderCancelled(ref=None, source=payload.source, external_id=order_id, occurred_at=at, reason="deleted")]


def client(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """A customer with an account, and what they said to the newsletter."""
    addresses = read.objects(document.get("addresses")) or [{}]
    address = next((each for each in addresses if read.text(each.get("default")) in ("1", "true")), addresses[0])
    fields = _fields(address)
    for field, name in (("given_name", "firstname"), ("family_name", "lastname")):
        if own := read.first_text(document, name):
            fields[field] = own
    if joined := read.first_text(document, "date_add")[:10]:
        fields["joined_on"] = joined
    email = read.first_text(document, "email")
    seen = buyers.buyer(
        payload,
        occurred_at=payload.received_at,
        customer_id=_id(document, "user_id", "id"),
        email=email,
        phone=read.first_text(document, "phone") or read.first_text(address, "phone"),
        fields=fields,
        attributes={name: value for name in ("group_id", "comment") if (value := read.first_text(document, name))},
        more=_tax_id(address),
    )
    if seen is None:
        return []
    # "0" may only mean that the box was never ticked.
    agreed = read.text(document.get("newsletter")) == "1" or document.get("newsletter") is True
    return [seen, *(_newsletter(payload, seen.ref, email, "given", grade="D") if agreed and email else [])]


def client_deleted(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """The account is gone; what was bought stays."""
    customer_id = _id(document, "user_id", "id")
    seen = ContactSeen(
        ref=buyers.customer_ref(payload, customer_id),
        occurred_at=payload.received_at,
        identifiers=(buyers.customer_identifier(payload, customer_id),),
    )
    title = "Account deleted in the shop"
    return [seen, ActivityNoted(ref=seen.ref, kind="customer.deleted", occurred_at=seen.occurred_at, title=title)]


def subscriber(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """Somebody on the newsletter's list; one not confirmed yet waits for it."""
    active = read.text(document.get("active")) == "1" or document.get("active") is True
    return _subscriber(payload, document, "given" if active else "pending_confirmation")


def unsubscribed(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """Somebody left the newsletter's list."""
    return _subscriber(payload, document, "withdrawn")


def _subscriber(
    payload: Payload, document: JsonObject, state: Literal["given", "withdrawn", "pending_confirmation"]
) -> list[Fact]:
    email = read.first_text(document, "email")
    if not email:
        if state == "withdrawn":
            return []  # only its number is told, and nothing says whose it was
        raise Unreadable("The Shoper subscriber has no e-mail.")
    ref = ContactRef(payload.source, email_key(email).replace("email:", "subscriber:", 1))
    seen = ContactSeen(ref=ref, occurred_at=payload.received_at, identifiers=(Identifier("email", email),))
    at = _moment(payload, document, "dateadd") or _moment(payload, document, "date_add")
    return [seen, *_newsletter(payload, ref, email, state, at=None if state == "withdrawn" else at)]


def _newsletter(
    payload: Payload,
    ref: ContactRef,
    email: str,
    state: Literal["given", "withdrawn", "pending_confirmation"],
    *,
    at: datetime | None = None,
    grade: Literal["B", "D"] = "B",
) -> list[ConsentStated]:
    occurred_at = at or payload.received_at
    return [
        ConsentStated(
            ref=ref,
            identifier=Identifier("email", email),
            purpose="marketing",
            channel="email",
            state=state,
            occurred_at=occurred_at,
            source=payload.source,
            method="newsletter",
            evidence_grade=grade,
            statement_id=f"{ref.external_id}:newsletter:{state}:{occurred_at.isoformat()}",
        )
    ]


def _order(payload: Payload, document: JsonObject, version_at: datetime) -> list[Fact]:
    order_id = _id(document, "order_id", "id")
    seen = _buyer(payload, document, version_at)
    currency = read.first_text(document, "currency_name", "currency").upper()
    if len(currency) != 3 or not currency.isalpha():
        currency = payload.headers.get("currency", "")
    lines = _lines(document, currency)
    total = read.first_minor(document, currency, "sum")
    shipping = read.first_minor(document, currency, "shipping_cost") or 0
    placed = OrderPlaced(
        ref=seen.ref if seen else None,
        source=payload.source,
        external_id=order_id,
        number=order_id,
        placed_at=_moment(payload, document, "date") or version_at,
        updated_at=version_at,
        currency=currency,
        total_minor=sum(line.total_minor for line in lines) + shipping if total is None else total,
        status=_status(document, currency, total or 0),
        shipping_minor=shipping,
        lines=lines,
        attributes={name: value for name in _KEPT_ATTRIBUTES if (value := read.first_text(document, name))},
    )
    return [seen, placed] if seen else [placed]


def _buyer(payload: Payload, document: JsonObject, at: datetime) -> ContactSeen | None:
    address = read.obj(document.get("billingAddress")) or read.obj(document.get("billing_address"))
    address = address or read.obj(document.get("deliveryAddress")) or read.obj(document.get("delivery_address"))
    customer_id = read.first_text(document, "user_id")
    return buyers.buyer(
        payload,
        occurred_at=at,
        customer_id="" if customer_id == "0" else customer_id,
        email=read.first_text(document, "email"),
        phone=read.first_text(address, "phone"),
        fields=_fields(address),
        more=_tax_id(address),
    )


def _status(document: JsonObject, currency: str, total: int) -> Literal["open", "paid", "cancelled", "refunded"]:
    status = read.obj(document.get("status"))
    if read.text(status.get("type")) == _ENDED:
        translations = read.obj(status.get("translations")).values()
        names = [read.first_text(each, "name") for each in (status, *read.objects(list(translations)))]
        named = fold(" ".join(names))
        return "refunded" if any(word in named for word in _GIVEN_BACK) else "cancelled"
    paid = read.first_minor(document, currency, "paid") or 0
    is_paid = document.get("is_paid") is True or read.text(document.get("is_paid")) == "1"
    return "paid" if is_paid or (total and paid >= total) else "open"


def _lines(document: JsonObject, currency: str) -> tuple[OrderLine, ...]:
    found = document.get("products") or document.get("order_products")
    items = list(found.values()) if isinstance(found, dict) and "price" not in found else found
    return tuple(_line(line_no, item, currency) for line_no, item in enumerate(read.objects(items), 1))


def _line(line_no: int, item: JsonObject, currency: str) -> OrderLine:
    """`price` is what one piece cost with tax, after its discount."""
    price, quantity = read.first_minor(item, currency, "price") or 0, read.number(item.get("quantity"), 1.0)
    return OrderLine(
        line_no=line_no,
        sku=read.first_text(item, "code", "stock_id", "product_id"),
        name=read.first_text(item, "name"),
        quantity=quantity,
        unit_price_minor=price,
        total_minor=round(price * quantity),
    )


def _fields(address: JsonObject) -> dict[str, str]:
    return buyers.contact_fields(
        given_name=read.first_text(address, "firstname"),
        family_name=read.first_text(address, "lastname"),
        company=read.first_text(address, "company", "company_name"),
        street=read.first_text(address, "street1", "street_1"),
        address_2=read.first_text(address, "street2", "street_2"),
        city=read.first_text(address, "city"),
        postcode=read.first_text(address, "postcode", "zip_code"),
        state=read.first_text(address, "state"),
        country=read.first_text(address, "country_code", "country"),
    )


def _tax_id(address: JsonObject) -> list[Identifier]:
    found = read.first_text(address, "tax_identification_number", "tax_id")
    return [Identifier("tax_id", found)] if found else []


def _moment(payload: Payload, document: JsonObject, name: str) -> datetime | None:
    return instant(document.get(name), zone_of(payload))


def _id(document: JsonObject, *names: str) -> str:
    if (found := read.first_text(document, *names)) and found != "0":
        return found
    raise Unreadable(f"The Shoper payload has no {names[0]}.")
