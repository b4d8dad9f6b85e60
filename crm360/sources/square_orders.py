"""Square's orders, as the poll fetches them → purchases and refunds. Money is in minor units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from crm360.facts import ContactSeen, Fact, OrderLine, OrderPlaced, OrderRefunded
from crm360.sources import buyers
from crm360.sources import json_fields as read
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.instants import instant
from crm360.sources.square_customers import changed_at

_STATUSES: dict[str, Literal["open", "paid", "cancelled"]] = {"COMPLETED": "paid", "CANCELED": "cancelled"}
_LARGEST = 10**15


def order(payload: Payload, event: JsonObject, found: JsonObject) -> Sequence[Fact]:
    """A purchase; or, when it only takes goods back, refunds of the purchases it names."""
    about = read.obj(found.get("order"))
    if not read.first_text(about, "id"):
        raise Unreadable("The Square order has no id.")
    returns = read.objects(about.get("returns"))
    refunds = _refunds(payload, event, about, returns)
    if returns and not read.objects(about.get("line_items")):
        return refunds
    seen = _buyer(payload, event, about)
    placed = _placed(payload, event, about, seen)
    return [seen, placed, *refunds] if seen else [placed, *refunds]


def _buyer(payload: Payload, event: JsonObject, about: JsonObject) -> ContactSeen | None:
    """The order's customer, else one of its payments', else who it is sent to."""
    tenders = read.objects(about.get("tenders"))
    customer_id = read.first_text(about, "customer_id") or next(
        (found for tender in tenders if (found := read.first_text(tender, "customer_id"))), ""
    )
    recipient: JsonObject = {}
    for fulfilment in read.objects(about.get("fulfillments")):
        for details in ("shipment_details", "pickup_details", "delivery_details"):
            recipient = recipient or read.obj(read.obj(fulfilment.get(details)).get("recipient"))
    return buyers.buyer(
        payload,
        occurred_at=changed_at(payload, event, about),
        customer_id=customer_id or read.first_text(recipient, "customer_id"),
        email=read.first_text(recipient, "email_address"),
        phone=read.first_text(recipient, "phone_number"),
        fields=buyers.contact_fields(full_name=read.first_text(recipient, "display_name")),
    )


def _placed(payload: Payload, event: JsonObject, about: JsonObject, seen: ContactSeen | None) -> OrderPlaced:
    order_id, at = read.first_text(about, "id"), changed_at(payload, event, about)
    total, currency = money(about.get("total_money"))
    name = read.first_text(read.obj(about.get("source")), "name")
    online = "online" in name.lower() or "e-commerce" in name.lower()
    lines = tuple(_line(line_no, item) for line_no, item in enumerate(read.objects(about.get("line_items")), 1))
    kept = {"source_name": name, "ticket_name": read.first_text(about, "ticket_name")}
    return OrderPlaced(
        ref=seen.ref if seen else None,
        source=payload.source,
        external_id=order_id,
        number=read.first_text(about, "reference_id") or order_id,
        placed_at=instant(about.get("closed_at")) or instant(about.get("created_at")) or at,
        updated_at=at,
        currency=currency,
        total_minor=total,
        status=_STATUSES.get(read.first_text(about, "state"), "open"),
        channel="shop" if online else "store",
        store=read.first_text(about, "location_id"),
        discount_minor=money(about.get("total_discount_money"))[0],
        shipping_minor=money(about.get("total_service_charge_money"))[0],
        tax_minor=money(about.get("total_tax_money"))[0],
        lines=lines,
        attributes={name: value for name, value in kept.items() if value},
    )


def _line(line_no: int, item: JsonObject) -> OrderLine:
    return OrderLine(
        line_no=line_no,
        sku=read.first_text(item, "catalog_object_id"),
        name=" ".join(filter(None, (read.first_text(item, "name"), read.first_text(item, "variation_name")))),
        quantity=read.number(item.get("quantity"), 1.0),
        unit_price_minor=money(item.get("base_price_money"))[0],
        total_minor=money(item.get("total_money"))[0],
    )


def _refunds(
    payload: Payload, event: JsonObject, about: JsonObject, returns: Sequence[JsonObject]
) -> list[OrderRefunded]:
    """`refunds[]` of an order that takes goods back; which purchase they belong to stands in `returns[]`."""
    of = next(filter(None, (read.first_text(each, "source_order_id") for each in returns)), "")
    found: list[OrderRefunded] = []
    for refund in read.objects(about.get("refunds")):
        amount, currency = money(refund.get("amount_money"))
        refund_id = read.first_text(refund, "id")
        if not refund_id or not amount or read.first_text(refund, "status") in ("REJECTED", "FAILED"):
            continue
        found.append(
            OrderRefunded(
                ref=None,
                source=payload.source,
                external_id=of or read.first_text(about, "id"),
                refund_id=refund_id,
                occurred_at=instant(refund.get("created_at")) or changed_at(payload, event, about),
                amount_minor=amount,
                currency=currency,
                reason=read.first_text(refund, "reason"),
            )
        )
    return found


def money(value: object) -> tuple[int, str]:
    """`{"amount": 1250, "currency": "USD"}` → 1250, "USD"; 0 where there is none."""
    stated = read.obj(value)
    amount = stated.get("amount")
    usable = isinstance(amount, int) and not isinstance(amount, bool) and abs(amount) <= _LARGEST
    return (amount if usable else 0), read.first_text(stated, "currency").upper()[:3]  # type: ignore[return-value]
