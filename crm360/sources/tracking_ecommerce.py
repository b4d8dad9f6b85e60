"""Events of the e-commerce specification (version 2) → carts, orders, refunds and lines on the timeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from crm360.facts import CartChanged, CartSnapshot, Fact, OrderCancelled, OrderLine, OrderPlaced, OrderRefunded
from crm360.sources import json_fields as read
from crm360.sources import product_reviews, tracking_names
from crm360.sources.base import JsonObject, Unreadable
from crm360.sources.instants import instant
from crm360.sources.tracking_event import Event

_AMOUNTS = ("total", "revenue", "value", "subtotal", "price")
#: Of a product: kept as said.
_ALSO = ("brand", "variant", "coupon", "position", "image_url", "value")
_OF_ORDER = ("coupon", "checkout_id", "payment_method", "shipping_method")
_ORDER_ID = ("order_id", "orderId", "order_number", "transaction_id")


def facts(event: Event) -> Sequence[Fact] | None:
    """The event's own facts; None when it is no event of this specification."""
    if arm := _ARMS.get(event.name):
        return arm(event)
    if kind := tracking_names.SHOP_ACTIVITIES.get(event.name):
        return [event.activity(kind, _title(event))]
    return None


def _title(event: Event) -> str:
    said = read.first_text(event.properties, "query", "name", "coupon_id", "coupon_name", "category", "review_body")
    return f"{event.written_name}: {said}" if said else event.written_name


def _currency(event: Event) -> str:
    return read.currency_of(event.properties, event.default_currency, *_AMOUNTS)


def _order_id(event: Event) -> str:
    return read.identity(event.properties, *_ORDER_ID)


def _needed_order_id(event: Event) -> str:
    if order_id := _order_id(event):
        return order_id
    raise Unreadable(f"{event.written_name!r} needs the order_id of the order it is about.")


def _cart_change(event: Event, action: Literal["viewed", "added", "removed"]) -> Sequence[Fact]:
    products = read.objects(event.properties.get("products")) or [event.properties]
    cart_id = read.first_text(event.properties, "cart_id", "cartId")
    return [_change(event, action, product, cart_id) for product in products]


def _change(
    event: Event, action: Literal["viewed", "added", "removed"], product: JsonObject, cart_id: str
) -> CartChanged:
    currency = read.currency_of(product, _currency(event), "price")
    return CartChanged(
        ref=event.ref,
        action=action,
        occurred_at=event.occurred_at,
        product_id=read.first_text(product, "product_id", "productId", "id"),
        sku=read.first_text(product, "sku"),
        name=read.first_text(product, "name", "title"),
        category=read.first_text(product, "category"),
        quantity=read.number(product.get("quantity"), 1.0),
        unit_price_minor=read.first_minor(product, currency, "price"),
        currency=currency,
        cart_id=cart_id,
        url=read.first_text(product, "url"),
        attributes={name: said for name in _ALSO if (said := product.get(name)) not in (None, "")},
    )


def _wishlist_to_cart(event: Event) -> Sequence[Fact]:
    moved = event.activity(tracking_names.SHOP_ACTIVITIES[event.name], _title(event))
    return [*_cart_change(event, "added"), moved]


def _snapshot(event: Event) -> list[Fact]:
    cart_id, lines = read.first_text(event.properties, "cart_id", "cartId"), order_lines(event.properties)
    if not cart_id or not lines:
        return []
    currency = _currency(event)
    total = read.first_minor(event.properties, currency, "total", "value", "revenue")
    return [
        CartSnapshot(
            ref=event.ref,
            source=event.source,
            cart_id=cart_id,
            occurred_at=event.occurred_at,
            currency=currency,
            total_minor=sum(line.total_minor for line in lines) if total is None else total,
            lines=lines,
        )
    ]


def _cart_viewed(event: Event) -> Sequence[Fact]:
    return [event.activity("cart.viewed", _title(event)), *_snapshot(event)]


def _checkout_started(event: Event) -> Sequence[Fact]:
    started = CartChanged(
        ref=event.ref,
        action="checkout_started",
        occurred_at=event.occurred_at,
        currency=_currency(event),
        cart_id=read.first_text(event.properties, "cart_id", "cartId", "checkout_id", *_ORDER_ID),
        url=read.first_text(read.obj(event.context.get("page")), "url"),
    )
    return [started, *_snapshot(event)]


def order_lines(properties: JsonObject) -> tuple[OrderLine, ...]:
    """`products[]` as numbered lines; a line's total is price × quantity."""
    currency = read.currency_of(properties, "", *_AMOUNTS)
    products = read.objects(properties.get("products"))
    return tuple(_line(line_no, product, currency) for line_no, product in enumerate(products, 1))


def _line(line_no: int, product: JsonObject, currency: str) -> OrderLine:
    price = read.first_minor(product, currency, "price", "unit_price") or 0
    quantity = read.number(product.get("quantity"), 1.0)
    return OrderLine(
        line_no=line_no,
        sku=read.first_text(product, "sku", "product_id", "productId", "id"),
        name=read.first_text(product, "name", "title"),
        category=read.first_text(product, "category"),
        quantity=quantity,
        unit_price_minor=price,
        total_minor=round(price * quantity),
    )


def _order(event: Event) -> Sequence[Fact]:
    properties, currency = event.properties, _currency(event)
    order_id = _order_id(event) or read.first_text(properties, "checkout_id") or f"message:{event.message_id}"
    lines = order_lines(properties)
    placed_at = instant(properties.get("created_at")) or instant(properties.get("ordered_at"))
    return [
        OrderPlaced(
            ref=event.ref,
            source=event.source,
            external_id=order_id,
            number=read.first_text(properties, "order_number", *_ORDER_ID) or order_id,
            placed_at=min(placed_at or event.occurred_at, event.occurred_at),
            updated_at=event.occurred_at,
            currency=currency,
            total_minor=_total(properties, currency, lines),
            channel=read.first_text(properties, "sales_channel") or "shop",
            store=read.first_text(properties, "affiliation"),
            discount_minor=read.first_minor(properties, currency, "discount") or 0,
            shipping_minor=read.first_minor(properties, currency, "shipping") or 0,
            tax_minor=read.first_minor(properties, currency, "tax") or 0,
            cart_id=read.first_text(properties, "cart_id", "cartId", "checkout_id"),
            lines=lines,
            attributes={name: said for name in _OF_ORDER if (said := read.first_text(properties, name))},
        )
    ]


def _total(properties: JsonObject, currency: str, lines: Sequence[OrderLine]) -> int:
    """`total`, or what the specification says it is made of; clients send either."""
    total = read.first_minor(properties, currency, "total")
    if total is not None:
        return total
    extras = sum(read.first_minor(properties, currency, key) or 0 for key in ("shipping", "tax"))
    goods = read.first_minor(properties, currency, "revenue", "subtotal")
    if goods is not None:
        return goods + extras
    value = read.first_minor(properties, currency, "value")
    if value is not None:
        return value
    discount = read.first_minor(properties, currency, "discount") or 0
    return sum(line.total_minor for line in lines) - discount + extras


def _cancelled(event: Event) -> Sequence[Fact]:
    return [
        OrderCancelled(
            ref=event.ref,
            source=event.source,
            external_id=_needed_order_id(event),
            occurred_at=event.occurred_at,
            reason=read.first_text(event.properties, "reason", "cancel_reason"),
        )
    ]


def _refunded(event: Event) -> Sequence[Fact]:
    properties, currency = event.properties, _currency(event)
    amount = read.first_minor(properties, currency, "refund_amount", "total", "revenue", "value")
    if amount is None and (lines := order_lines(properties)):
        # Products without prices: part of the order went back, nobody says how much. Not the whole order's value.
        amount = sum(line.total_minor for line in lines)
    return [
        OrderRefunded(
            ref=event.ref,
            source=event.source,
            external_id=_needed_order_id(event),
            refund_id=read.identity(properties, "refund_id", "refundId") or event.message_id,
            occurred_at=event.occurred_at,
            amount_minor=None if amount is None else abs(amount),
            currency=currency,
            reason=read.first_text(properties, "reason"),
        )
    ]


def _reviewed(event: Event) -> Sequence[Fact]:
    said = event.properties
    number = read.identity(said, "review_id", "reviewId") or event.message_id
    return [
        product_reviews.written_review(
            said, ref=event.ref, source=event.source, number=number, written=event.occurred_at,
            changed=event.occurred_at, author=read.first_text(event.traits, "name"),
        )
    ]  # fmt: skip


_ARMS: dict[str, Callable[[Event], Sequence[Fact]]] = {
    "product viewed": lambda event: _cart_change(event, "viewed"),
    "product added": lambda event: _cart_change(event, "added"),
    "product removed": lambda event: _cart_change(event, "removed"),
    "wishlist product added to cart": _wishlist_to_cart,
    "cart viewed": _cart_viewed,
    "checkout started": _checkout_started,
    "product reviewed": _reviewed,
    "order completed": _order,
    "order updated": _order,
    "order cancelled": _cancelled,
    "order refunded": _refunded,
}
