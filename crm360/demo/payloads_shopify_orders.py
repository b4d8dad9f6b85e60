"""Shopify's order, refund and checkout documents. Amounts are texts, as Shopify writes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from crm360.demo.catalogue import shelves
from crm360.demo.world import Item, Purchase, Visit

Document = dict[str, Any]
_FIRST_ORDER, _FIRST_LINE, _FIRST_REFUND = 6_120_000_000_000, 15_340_000_000_000, 930_000_000_000


def documents(
    bought: Purchase, customer: Document, address: Document, device: str, cart: str
) -> Iterator[tuple[str, datetime, Document]]:
    """(topic, time, document) of everything that happened to an order."""
    order = _order(bought, customer, address, device, cart)
    yield "orders/create", bought.at, order
    if bought.cancelled_at:
        stamped = bought.cancelled_at.isoformat(timespec="seconds")
        called_off = {"cancelled_at": stamped, "updated_at": stamped, "cancel_reason": bought.cancel_reason,
                      "financial_status": "voided"}  # fmt: skip
        yield "orders/cancelled", bought.cancelled_at, order | called_off
    if bought.returned:
        yield "refunds/create", bought.returned[0], _refund(bought, order)


def checkout(visit: Visit, language: str, at: datetime) -> Document:
    """A checkout that waits for its payment."""
    token = sha256(visit.cart_id.encode()).hexdigest()[:32]
    left = [item for item in visit.added if item not in visit.removed]
    total = sum(item.product.prices[visit.currency] * item.quantity for item in left)
    stamped = at.isoformat(timespec="seconds")
    return {
        "id": int(token[:11], 16), "token": token, "cart_token": visit.cart_id, "currency": visit.currency,
        "created_at": stamped, "updated_at": stamped, "completed_at": None, "total_price": money(total),
        "abandoned_checkout_url": f"https://lipowa-oak.example/checkouts/{token}/recover",
        "line_items": [_line(item, index, visit.currency, language) for index, item in enumerate(left)],
    }  # fmt: skip


def money(minor: int) -> str:
    """123450 → "1234.50"."""
    return f"{minor / 100:.2f}"


def _order(bought: Purchase, customer: Document, address: Document, device: str, cart: str) -> Document:
    number = int(bought.number.removeprefix("#"))
    stamped = bought.at.isoformat(timespec="seconds")
    language = bought.buyer.language if bought.buyer else "pl"
    notes = [{"name": "rudderAnonymousId", "value": device}] if device else []
    lines = [_line(item, number * 10 + index, bought.currency, language) for index, item in enumerate(bought.items)]
    coupons = [{"code": bought.coupon, "amount": money(bought.discount_minor), "type": "percentage"}]
    return {
        "id": _FIRST_ORDER + number * 32_768, "name": bought.number, "order_number": number, "test": False,
        "email": customer["email"], "contact_email": customer["email"], "phone": customer["phone"],
        "created_at": stamped, "processed_at": stamped, "updated_at": stamped, "cancelled_at": None,
        "financial_status": "paid", "fulfillment_status": None, "source_name": "web",
        "currency": bought.currency, "presentment_currency": bought.currency,
        "total_price": money(bought.total_minor), "subtotal_price": money(bought.goods_minor - bought.discount_minor),
        "total_discounts": money(bought.discount_minor), "total_tax": money(round(bought.total_minor * 23 / 123)),
        "discount_codes": coupons if bought.coupon else [], "cart_token": cart, "note_attributes": notes,
        "shipping_lines": [{"title": "Kurier", "price": money(bought.shipping_minor)}] if bought.shipping_minor else [],
        "line_items": lines, "customer": customer, "billing_address": address, "shipping_address": address,
        "buyer_accepts_marketing": False, "refunds": [],
    }  # fmt: skip


def _line(item: Item, line_id: int, currency: str, language: str) -> Document:
    polish, english = shelves()[item.product.category]
    return {
        "id": _FIRST_LINE + line_id * 64, "sku": item.product.sku, "title": item.product.name(language),
        "name": item.product.name(language), "product_type": polish if language == "pl" else english,
        "product_id": 8_000_000_000_000 + int(item.product.sku[-4:]) * 97, "quantity": item.quantity,
        "price": money(item.product.prices[currency]), "total_discount": "0.00",
    }  # fmt: skip


def _refund(bought: Purchase, order: Document) -> Document:
    at, back = bought.returned or (bought.at + timedelta(days=1), ())
    amount = sum(item.product.prices[bought.currency] * item.quantity for item in back)
    if bought.goods_minor:
        amount -= round(bought.discount_minor * amount / bought.goods_minor)
    skus = {item.product.sku for item in back}
    lines = [line for line in order["line_items"] if line["sku"] in skus]
    return {
        "id": _FIRST_REFUND + order["order_number"] * 16, "order_id": order["id"],
        "created_at": at.isoformat(timespec="seconds"), "processed_at": at.isoformat(timespec="seconds"),
        "note": "Zwrot / return",
        "refund_line_items": [{"line_item_id": line["id"], "quantity": line["quantity"]} for line in lines],
        "transactions": [{"kind": "refund", "status": "success", "amount": money(amount), "currency": bought.currency}],
    }  # fmt: skip
