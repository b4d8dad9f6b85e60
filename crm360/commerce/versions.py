"""What a row of an order becomes when another fact about it is heard; the same row whatever order facts come in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from crm360.commerce.standing import STATUS_RANK, standing
from crm360.facts import OrderCancelled, OrderLine, OrderPlaced, OrderRefunded

#: An order's columns by name, without its id.
OrderRow = dict[str, Any]
#: An order's refunds, columns by name, by the source's refund id.
Refunds = dict[str, dict[str, Any]]


def announced(source: str, external_id: str, at: datetime) -> OrderRow:
    """The row of an order that nobody has placed yet but somebody speaks of at `at`."""
    return {
        "contact_id": None,
        "contact_at": None,
        "source": source,
        "external_id": external_id,
        "number": external_id,
        "kind": "sale",
        "status": "announced",
        "stated_status": "announced",
        "channel": "",
        "store": "",
        "placed_at": at,
        "version_at": at,
        "version_digest": "",
        "cancelled_at": None,
        "cancel_reason": "",
        "currency": "",
        "total_minor": 0,
        "refunded_minor": 0,
        "discount_minor": 0,
        "shipping_minor": 0,
        "tax_minor": 0,
        "cart_id": "",
        "attributes": {},
    }


def place(row: OrderRow, fact: OrderPlaced) -> bool:
    """Take over a version unless the row holds a newer one; tells whether it did (its lines are then the order's)."""
    if row["stated_status"] != "announced" and fact.updated_at < row["version_at"]:
        return False
    digest = _digest(fact)
    if _precedence(row) >= (True, fact.updated_at, STATUS_RANK[fact.status], digest):
        return False
    row |= {
        "number": fact.number,
        "kind": fact.kind,
        "stated_status": fact.status,
        "channel": fact.channel,
        "store": fact.store,
        "placed_at": fact.placed_at,
        "version_at": fact.updated_at,
        "version_digest": digest,
        "currency": fact.currency,
        "total_minor": fact.total_minor,
        "discount_minor": fact.discount_minor,
        "shipping_minor": fact.shipping_minor,
        "tax_minor": fact.tax_minor,
        "cart_id": fact.cart_id,
        "attributes": dict(fact.attributes),
    }
    return True


def announce(row: OrderRow, at: datetime) -> None:
    """Somebody spoke of the order at `at`: until it is placed, that is the earliest known of it."""
    if row["stated_status"] == "announced":
        row["placed_at"] = row["version_at"] = min(row["placed_at"], at)


def cancel(row: OrderRow, fact: OrderCancelled) -> None:
    """Note a cancellation; of several the earliest counts."""
    said = (fact.occurred_at, fact.reason)
    if row["cancelled_at"] is None or said < (row["cancelled_at"], row["cancel_reason"]):
        row["cancelled_at"], row["cancel_reason"] = said


def refund(refunds: Refunds, fact: OrderRefunded) -> None:
    """Add a refund, or correct it when a newer statement has the same id; a repeat changes nothing."""
    said = {
        "refund_id": fact.refund_id,
        "refunded_at": fact.occurred_at,
        "amount_minor": fact.amount_minor,
        "reason": fact.reason,
        "lines": [
            {"sku": line.sku, "name": line.name, "quantity": line.quantity, "total_minor": line.total_minor}
            for line in fact.lines
        ],
    }
    known = refunds.get(fact.refund_id)
    if known is None or _refund_precedence(said) > _refund_precedence(known):
        refunds[fact.refund_id] = said


#: A statement repeated after its customer was forgotten does not bring them back; a later one may.
_FORGOTTEN = float("inf")


def name_contact(row: dict[str, Any], contact_id: int | None, at: datetime) -> None:
    """Let the newest fact that names a contact say whose it is; one that names nobody says nothing."""
    if contact_id is None:
        return
    if row["contact_at"] is None or (at, contact_id) > (row["contact_at"], row["contact_id"] or _FORGOTTEN):
        row["contact_id"], row["contact_at"] = contact_id, at


def settle(row: OrderRow, refunds: Iterable[int | None]) -> None:
    """Derive status and refunded sum."""
    row["status"], row["refunded_minor"] = standing(
        row["stated_status"],
        total_minor=row["total_minor"],
        cancelled=row["cancelled_at"] is not None,
        refunds=tuple(refunds),
    )


def line_rows(order_id: int, lines: Sequence[OrderLine]) -> list[dict[str, Any]]:
    """Rows of an order's lines; numbered anew when the source numbers two alike."""
    alike = len({line.line_no for line in lines}) < len(lines)
    return [
        {
            "order_id": order_id,
            "line_no": place if alike else line.line_no,
            "sku": line.sku,
            "name": line.name,
            "category": line.category,
            "quantity": line.quantity,
            "unit_price_minor": line.unit_price_minor,
            "total_minor": line.total_minor,
        }
        for place, line in enumerate(lines, 1)
    ]


def _precedence(row: OrderRow) -> tuple[bool, datetime, int, str]:
    stated = row["stated_status"]
    return stated != "announced", row["version_at"], STATUS_RANK[stated], row["version_digest"]


def _refund_precedence(said: Mapping[str, Any]) -> tuple[datetime, bool, int, str, int]:
    amount = said["amount_minor"]
    return said["refunded_at"], amount is None, amount or 0, said["reason"], len(said["lines"])


def _digest(fact: OrderPlaced) -> str:
    lines = [
        (line.line_no, line.sku, line.name, line.category, line.quantity, line.unit_price_minor, line.total_minor)
        for line in fact.lines
    ]
    head = (fact.number, fact.placed_at, fact.currency, fact.total_minor, fact.kind, fact.channel, fact.store)
    sums = (fact.discount_minor, fact.shipping_minor, fact.tax_minor, fact.cart_id, _canonical(fact.attributes))
    return blake2b(repr((head, sums, lines)).encode(), digest_size=12).hexdigest()


def _canonical(attributes: Mapping[str, Any]) -> str:
    return json.dumps(attributes, sort_keys=True, default=str) if attributes else ""
