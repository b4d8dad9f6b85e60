"""WooCommerce's orders and their refunds → facts. Amounts are texts in the order's currency."""

from __future__ import annotations

from collections.abc import Sequence
from html import unescape
from typing import Literal

from crm360.facts import CartSnapshot, ContactRef, Fact, OrderCancelled, OrderLine, OrderPlaced, OrderRefunded
from crm360.sources import json_fields as read
from crm360.sources.base import JsonObject, Payload
from crm360.sources.woocommerce_customers import buyer, changed_at, moment

Status = Literal["open", "paid", "cancelled", "refunded"]
#: A failed payment or an order in the trash may come back: the newest version decides, nothing is final.
_STATUSES: dict[str, Status] = {
    "processing": "paid",
    "completed": "paid",
    "refunded": "refunded",
    "cancelled": "cancelled",
    "failed": "cancelled",
    "trash": "cancelled",
}
_DRAFT = "checkout-draft"
_ATTRIBUTION = "_wc_order_attribution_"
_KEPT_ATTRIBUTES = (
    "status",
    "payment_method",
    "payment_method_title",
    "transaction_id",
    "customer_note",
    "created_via",
)


def order(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """An order as the shop knows it now, with its refunds; a checkout not finished yet is a cart."""
    seen = buyer(payload, document)
    ref = seen.ref if seen else None
    found: list[Fact] = [seen] if seen else []
    currency = read.currency_of(document, payload.headers.get("currency", ""))
    if read.first_text(document, "status").lower().removeprefix("wc-") == _DRAFT:
        return [*found, _draft(payload, document, ref, currency)]
    found.append(_placed(payload, document, ref, currency))
    refunds = read.objects(document.get("refunds"))
    return found + [fact for refund in refunds if (fact := _refund(payload, document, refund, ref, currency))]


def deleted(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    """A deleted order names its id alone."""
    return [
        OrderCancelled(
            ref=None,
            source=payload.source,
            external_id=read.text(document.get("id")),
            occurred_at=changed_at(payload, document),
            reason="deleted",
        )
    ]


def _placed(payload: Payload, document: JsonObject, ref: ContactRef | None, currency: str) -> OrderPlaced:
    order_id, updated_at = read.text(document.get("id")), changed_at(payload, document)
    lines = _lines(document, currency)
    total = read.first_minor(document, currency, "total")
    shipping = (read.first_minor(document, currency, name) or 0 for name in ("shipping_total", "shipping_tax"))
    return OrderPlaced(
        ref=ref,
        source=payload.source,
        external_id=order_id,
        number=read.first_text(document, "number") or order_id,
        placed_at=moment(payload, document, "date_created") or updated_at,
        updated_at=updated_at,
        currency=currency,
        total_minor=sum(line.total_minor for line in lines) if total is None else total,
        status=_STATUSES.get(read.first_text(document, "status").lower().removeprefix("wc-"), "open"),
        discount_minor=read.first_minor(document, currency, "discount_total") or 0,
        shipping_minor=sum(shipping),
        tax_minor=read.first_minor(document, currency, "total_tax") or 0,
        cart_id=_cart_id(document),
        lines=lines,
        attributes=_attributes(document),
    )


def _cart_id(document: JsonObject) -> str:
    return f"order:{read.text(document.get('id'))}"


def _draft(payload: Payload, document: JsonObject, ref: ContactRef | None, currency: str) -> CartSnapshot:
    return CartSnapshot(
        ref=ref,
        source=payload.source,
        cart_id=_cart_id(document),
        occurred_at=changed_at(payload, document),
        currency=currency,
        total_minor=read.first_minor(document, currency, "total"),
        lines=_lines(document, currency),
        recover_url=read.first_text(document, "payment_url"),
    )


def _lines(document: JsonObject, currency: str) -> tuple[OrderLine, ...]:
    """`line_items[]`; a line's total is after its discounts and with its tax, as the customer paid it."""
    items = read.objects(document.get("line_items"))
    return tuple(_line(line_no, item, currency) for line_no, item in enumerate(items, 1))


def _line(line_no: int, item: JsonObject, currency: str) -> OrderLine:
    quantity = read.number(item.get("quantity"), 1.0)
    total = sum(read.first_minor(item, currency, name) or 0 for name in ("total", "total_tax"))
    before = sum(read.first_minor(item, currency, name) or 0 for name in ("subtotal", "subtotal_tax")) or total
    variation = read.text(item.get("variation_id")).strip("0")
    return OrderLine(
        line_no=line_no,
        sku=read.first_text(item, "sku") or (variation and read.first_text(item, "variation_id"))
        or read.first_text(item, "product_id"),
        name=unescape(read.first_text(item, "name")),
        quantity=quantity,
        unit_price_minor=round(before / quantity) if quantity else before,
        total_minor=total,
    )  # fmt: skip


def _refund(
    payload: Payload, document: JsonObject, refund: JsonObject, ref: ContactRef | None, currency: str
) -> OrderRefunded | None:
    """`{id, reason, total: "-10.00"}` inside the order, or a polled one with its own date and `amount`."""
    refund_id = read.text(refund.get("id"))
    amount = read.first_minor(refund, currency, "total", "amount")
    if not refund_id or not amount:
        return None
    return OrderRefunded(
        ref=ref,
        source=payload.source,
        external_id=read.text(document.get("id")),
        refund_id=refund_id,
        # Inside an order it has no date of its own; the version that tells of it is the nearest there is.
        occurred_at=moment(payload, refund, "date_created") or changed_at(payload, document),
        amount_minor=abs(amount),
        currency=currency,
        reason=read.first_text(refund, "reason"),
    )


def _attributes(document: JsonObject) -> dict[str, object]:
    """What is worth keeping beside the order; where its buyer came from (order attribution) among it."""
    kept: dict[str, object] = {name: value for name in _KEPT_ATTRIBUTES if (value := read.first_text(document, name))}
    for meta in read.objects(document.get("meta_data")):
        name, value = read.text(meta.get("key")), read.text(meta.get("value"))
        if name.startswith(_ATTRIBUTION) and value:
            kept[f"attribution_{name.removeprefix(_ATTRIBUTION)}"] = value
    coupons = [
        code for coupon in read.objects(document.get("coupon_lines")) if (code := read.first_text(coupon, "code"))
    ]
    return kept | ({"coupons": coupons} if coupons else {})
