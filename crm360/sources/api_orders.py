"""Orders as integrators send them: amounts in major units beside one currency, refunds with the order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args, get_type_hints

from crm360.facts import ContactRef, Fact, OrderLine, OrderPlaced, OrderRefunded
from crm360.sources import json_fields as read
from crm360.sources.base import JsonObject, Unreadable
from crm360.sources.instants import instant

_HINTS = get_type_hints(OrderPlaced)
KINDS: tuple[str, ...] = get_args(_HINTS["kind"])
STATUSES: tuple[str, ...] = get_args(_HINTS["status"])


def order(part: JsonObject, ref: ContactRef, source: str, occurred_at: datetime) -> Sequence[Fact]:
    """The order as it is at `occurred_at`, then its refunds. Raises Unreadable without an id or a currency."""
    order_id, currency = read.identity(part, "id"), read.currency_of(part, "")
    if not order_id or not currency:
        raise Unreadable("An order needs an id and a currency of three letters.")
    lines = tuple(_line(number, said, currency) for number, said in enumerate(read.objects(part.get("lines")), 1))
    placed = OrderPlaced(
        ref=ref,
        source=source,
        external_id=order_id,
        number=read.first_text(part, "number") or order_id,
        placed_at=instant(part.get("placed_at")) or occurred_at,
        updated_at=occurred_at,
        currency=currency,
        total_minor=_total(part, currency, lines),
        kind=_one_of(KINDS, part, "kind", "sale"),
        status=_one_of(STATUSES, part, "status", "paid"),
        channel=read.first_text(part, "channel") or "shop",
        store=read.first_text(part, "store"),
        discount_minor=read.minor(part.get("discount"), currency) or 0,
        shipping_minor=read.minor(part.get("shipping"), currency) or 0,
        tax_minor=read.minor(part.get("tax"), currency) or 0,
        cart_id=read.first_text(part, "cart_id"),
        lines=lines,
        attributes=read.obj(part.get("attributes")),
    )
    return [placed, *(_refund(placed, said, occurred_at) for said in read.objects(part.get("refunds")))]


def _one_of(allowed: Sequence[str], part: JsonObject, field: str, default: str) -> Any:
    value = read.text(part.get(field)) or default
    if value not in allowed:
        raise Unreadable(f"{field} must be one of {', '.join(allowed)}, not {value[:40]!r}.")
    return value


def _line(number: int, said: JsonObject, currency: str) -> OrderLine:
    price, quantity = read.minor(said.get("unit_price"), currency), read.number(said.get("quantity"), 1.0)
    total = read.minor(said.get("total"), currency)
    if total is None:
        total = round((price or 0) * quantity)
    if price is None:
        price = round(total / quantity) if quantity else 0
    return OrderLine(
        line_no=number,
        sku=read.first_text(said, "sku"),
        name=read.first_text(said, "name"),
        category=read.first_text(said, "category"),
        quantity=quantity,
        unit_price_minor=price,
        total_minor=total,
    )


def _total(part: JsonObject, currency: str, lines: Sequence[OrderLine]) -> int:
    total = read.minor(part.get("total"), currency)
    if total is not None:
        return total
    extras = (read.minor(part.get(name), currency) or 0 for name in ("shipping", "tax"))
    return sum(line.total_minor for line in lines) + sum(extras) - (read.minor(part.get("discount"), currency) or 0)


def _refund(placed: OrderPlaced, said: JsonObject, occurred_at: datetime) -> OrderRefunded:
    refund_id = read.identity(said, "id")
    if not refund_id:
        raise Unreadable("A refund needs an id.")
    amount = read.minor(said.get("amount"), placed.currency)
    return OrderRefunded(
        ref=placed.ref,
        source=placed.source,
        external_id=placed.external_id,
        refund_id=refund_id,
        occurred_at=instant(said.get("refunded_at")) or occurred_at,
        amount_minor=None if amount is None else abs(amount),
        currency=placed.currency,
        reason=read.first_text(said, "reason"),
    )
