"""Shopify's orders, refunds, carts and checkouts → facts. Amounts arrive as texts in the shop's currency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from crm360.facts import (
    CartChanged,
    CartSnapshot,
    ContactRef,
    Fact,
    OrderCancelled,
    OrderLine,
    OrderPlaced,
    OrderRefunded,
)
from crm360.sources import json_fields as read
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.instants import instant
from crm360.sources.shopify_customers import buyer, changed_at, gid

Status = Literal["open", "paid", "cancelled", "refunded", "partially_refunded"]
_STATUSES: dict[str, Status] = {
    "paid": "paid",
    "refunded": "refunded",
    "partially_refunded": "partially_refunded",
    "voided": "cancelled",
}
_KEPT_ATTRIBUTES = ("financial_status", "fulfillment_status", "source_name", "tags", "note", "test", "discount_codes")


def order(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """An order as the shop knows it now, whom it belongs to, its cancellation and its refunds."""
    seen = buyer(payload, document)
    ref = seen.ref if seen else None
    order_id, currency = gid(document.get("id")), read.currency_of(document, payload.headers.get("currency", ""))
    if not order_id:
        raise Unreadable("The order has no id.")
    found: list[Fact] = [seen] if seen else []
    found.append(_placed(payload, document, ref, order_id, currency))
    if cancelled_at := instant(document.get("cancelled_at")):
        found.append(
            OrderCancelled(
                ref=ref,
                source=payload.source,
                external_id=order_id,
                occurred_at=cancelled_at,
                reason=read.first_text(document, "cancel_reason"),
            )
        )
    for refund in read.objects(document.get("refunds")):
        found += _refund(payload, refund, ref, order_id, currency)
    return found


def _placed(
    payload: Payload, document: JsonObject, ref: ContactRef | None, order_id: str, currency: str
) -> OrderPlaced:
    placed_at = instant(document.get("processed_at")) or instant(document.get("created_at"))
    updated_at = changed_at(payload, document)
    in_store = read.first_text(document, "source_name").lower() == "pos"
    lines = order_lines(document, currency)
    total = read.first_minor(document, currency, "total_price", "current_total_price")
    return OrderPlaced(
        ref=ref,
        source=payload.source,
        external_id=order_id,
        number=read.first_text(document, "name", "order_number") or order_id,
        placed_at=placed_at or updated_at,
        updated_at=updated_at,
        currency=currency,
        total_minor=sum(line.total_minor for line in lines) if total is None else total,
        status=_status(document),
        channel="store" if in_store else "shop",
        store=read.first_text(document, "location_id") if in_store else "",
        discount_minor=read.first_minor(document, currency, "total_discounts") or 0,
        shipping_minor=_shipping(document, currency),
        tax_minor=read.first_minor(document, currency, "total_tax") or 0,
        cart_id=read.first_text(document, "cart_token", "checkout_token"),
        lines=lines,
        attributes={name: document[name] for name in _KEPT_ATTRIBUTES if document.get(name) not in (None, "", [])},
    )


def _status(document: JsonObject) -> Status:
    if instant(document.get("cancelled_at")):
        return "cancelled"
    return _STATUSES.get(read.first_text(document, "financial_status").lower(), "open")


def _shipping(document: JsonObject, currency: str) -> int:
    shop_money = read.obj(read.obj(document.get("total_shipping_price_set")).get("shop_money"))
    stated = read.first_minor(shop_money, currency, "amount")
    if stated is not None:
        return stated
    return sum(read.first_minor(line, currency, "price") or 0 for line in read.objects(document.get("shipping_lines")))


def order_lines(document: JsonObject, currency: str) -> tuple[OrderLine, ...]:
    """`line_items[]` as numbered lines; a line's total is after its own discounts."""
    items = read.objects(document.get("line_items"))
    return tuple(_line(line_no, item, currency) for line_no, item in enumerate(items, 1))


def _line(line_no: int, item: JsonObject, currency: str) -> OrderLine:
    price = read.first_minor(item, currency, "price") or 0
    quantity = read.number(item.get("quantity"), 1.0)
    allocations = read.objects(item.get("discount_allocations"))
    allocated = sum(read.first_minor(part, currency, "amount") or 0 for part in allocations)
    discount = allocated or read.first_minor(item, currency, "total_discount") or 0
    return OrderLine(
        line_no=line_no,
        sku=read.first_text(item, "sku", "variant_id", "product_id"),
        name=read.first_text(item, "title", "name"),
        category=read.first_text(item, "product_type"),
        quantity=quantity,
        unit_price_minor=price,
        total_minor=round(price * quantity) - discount,
    )


def deleted(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """A deleted order names its id alone."""
    order_id = gid(document.get("id"))
    if not order_id:
        raise Unreadable("The deleted order has no id.")
    cancelled = OrderCancelled(
        ref=None,
        source=payload.source,
        external_id=order_id,
        occurred_at=changed_at(payload, document),
        reason="deleted",
    )
    return [cancelled]


def refund(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """refunds/create: which order it belongs to is in the refund, whose it is is not."""
    order_id = gid(document.get("order_id"))
    if not order_id or not gid(document.get("id")):
        raise Unreadable("The refund needs an id and an order_id.")
    return _refund(payload, document, None, order_id, payload.headers.get("currency", ""))


def _refund(payload: Payload, document: JsonObject, ref: ContactRef | None, order_id: str, currency: str) -> list[Fact]:
    transactions = [part for part in read.objects(document.get("transactions")) if part.get("kind") == "refund"]
    for part in transactions:
        currency = read.currency_of(part, currency)
    paid_back = [part for part in transactions if part.get("status") in (None, "success")]
    amount = sum(read.first_minor(part, currency, "amount") or 0 for part in paid_back)
    items = read.objects(document.get("refund_line_items"))
    if not transactions:
        keys = ("subtotal", "total_tax")
        amount = sum(read.first_minor(item, currency, key) or 0 for item in items for key in keys)
    refund_id = gid(document.get("id"))
    if not amount or not refund_id:
        # Goods back into stock with no money, or a refund still waiting for the bank: nothing was paid back yet.
        return []
    return [
        OrderRefunded(
            ref=ref,
            source=payload.source,
            external_id=order_id,
            refund_id=refund_id,
            occurred_at=instant(document.get("processed_at"))
            or instant(document.get("created_at"))
            or payload.received_at,
            amount_minor=amount,
            currency=currency,
            reason=read.first_text(document, "note"),
            lines=tuple(_given_back(line_no, item, currency) for line_no, item in enumerate(items, 1)),
        )
    ]


def _given_back(line_no: int, item: JsonObject, currency: str) -> OrderLine:
    """`refund_line_items[]`: how many of a line, and for how much with its tax."""
    line, quantity = read.obj(item.get("line_item")), read.number(item.get("quantity"), 1.0)
    total = sum(read.first_minor(item, currency, key) or 0 for key in ("subtotal", "total_tax"))
    return OrderLine(
        line_no=line_no,
        sku=read.first_text(line, "sku", "variant_id", "product_id") or read.first_text(item, "line_item_id"),
        name=read.first_text(line, "title", "name"),
        quantity=quantity,
        unit_price_minor=read.first_minor(line, currency, "price") or 0,
        total_minor=total,
    )


def cart(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """A cart names no customer; at most the device a web tracker left in its attributes."""
    return _snapshot(payload, document, read.first_text(document, "token", "id"))


def checkout(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """A checkout is the cart with whoever typed an address, and a link back to it."""
    return _snapshot(payload, document, read.first_text(document, "cart_token", "token", "id"))


def checkout_started(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """A new checkout; a line of its own when somebody is known."""
    found = list(checkout(payload, document))
    seen = buyer(payload, document)
    if seen is not None:
        found.append(
            CartChanged(
                ref=seen.ref,
                action="checkout_started",
                occurred_at=instant(document.get("created_at")) or seen.occurred_at,
                currency=read.currency_of(document, payload.headers.get("currency", "")),
                cart_id=read.first_text(document, "cart_token", "token", "id"),
                url=read.first_text(document, "abandoned_checkout_url"),
            )
        )
    return found


def _snapshot(payload: Payload, document: JsonObject, cart_id: str) -> list[Fact]:
    if not cart_id:
        raise Unreadable("The cart has neither a token nor an id.")
    seen = buyer(payload, document)
    currency = read.currency_of(document, payload.headers.get("currency", ""))
    lines = order_lines(document, currency)
    total = read.first_minor(document, currency, "total_price")
    snapshot = CartSnapshot(
        ref=seen.ref if seen else None,
        source=payload.source,
        cart_id=cart_id,
        occurred_at=changed_at(payload, document),
        currency=currency,
        total_minor=sum(line.total_minor for line in lines) if total is None else total,
        lines=lines,
        recover_url=read.first_text(document, "abandoned_checkout_url"),
        completed=bool(document.get("completed_at")),
    )
    return [seen, snapshot] if seen else [snapshot]
