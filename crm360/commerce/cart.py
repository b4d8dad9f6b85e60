"""What a cart holds, from everything heard of it in the order of time; in which order it was heard does not matter.

A cart is kept as a row: the newest snapshot, the latest closing, and the changes since either. From these `settle`
computes the lines, the total and the state.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from crm360.facts import CartChanged, CartSnapshot

#: Changes kept of one cart. The newest of a union are the newest of the newest, so order still does not matter; a
#: program that fills a cart all day does not fill the database.
MOST_CHANGES = 500

#: A cart's columns by name.
CartRow = dict[str, Any]
#: One line or one change: {"product_id", "sku", "name", "quantity", "unit_price_minor"}; changes also "at", "action".
Item = dict[str, Any]


def unseen(source: str, external_id: str, at: datetime) -> CartRow:
    """The row of a cart first heard of at `at`."""
    return {
        "contact_id": None,
        "contact_at": None,
        "source": source,
        "external_id": external_id,
        "opened_at": at,
        "changed_at": at,
        "closed_at": None,
        "state": "empty",
        "currency": "",
        "total_minor": None,
        "lines": [],
        "recover_url": "",
        "snapshot": None,
        "changes": [],
    }


def change(row: CartRow, fact: CartChanged) -> None:
    """Note that a product went in or out, or that a checkout began; the same change again is the same."""
    _touch(row, fact.occurred_at)
    said = {
        "at": moment(fact.occurred_at),
        "action": fact.action,
        "product_id": fact.product_id,
        "sku": fact.sku,
        "name": fact.name,
        "quantity": fact.quantity,
        "unit_price_minor": fact.unit_price_minor,
        "currency": fact.currency,
    }
    if fact.action in ("added", "removed") and said not in row["changes"]:
        row["changes"] = sorted([*row["changes"], said], key=_in_time)


def replace(row: CartRow, fact: CartSnapshot) -> None:
    """Note a whole content; the newest counts. A completed one closes the cart."""
    _touch(row, fact.occurred_at)
    said = {
        "at": moment(fact.occurred_at),
        "lines": [
            {
                "product_id": "",
                "sku": line.sku,
                "name": line.name,
                "quantity": line.quantity,
                "unit_price_minor": line.unit_price_minor,
            }
            for line in fact.lines
        ],
        "currency": fact.currency,
        "total_minor": fact.total_minor,
        "recover_url": fact.recover_url,
    }
    if row["snapshot"] is None or _in_time(said) > _in_time(row["snapshot"]):
        row["snapshot"] = said
    if fact.completed:
        close(row, fact.occurred_at)


def name_as_ordered(row: CartRow, at: datetime) -> None:
    """An order names this very cart: it closes it even if nothing else was heard of it yet."""
    _touch(row, at)
    close(row, at)


def close(row: CartRow, at: datetime) -> None:
    """An order or completed checkout at `at` took what was in the cart by then."""
    row["closed_at"] = at if row["closed_at"] is None else max(row["closed_at"], at)


def settle(row: CartRow) -> None:
    """Compute lines, total and state, and forget changes that no late news can bring back."""
    snapshot = row["snapshot"] or {"at": "", "lines": [], "currency": "", "total_minor": None, "recover_url": ""}
    closed = moment(row["closed_at"]) if row["closed_at"] else ""
    base = max(snapshot["at"], closed)
    row["changes"] = [item for item in row["changes"] if item["at"] > base][-MOST_CHANGES:]
    start = snapshot["lines"] if snapshot["at"] > closed else []
    lines = fold(start, row["changes"])
    named = [item["currency"] for item in row["changes"] if item["currency"]]
    row["currency"] = named[-1] if named else snapshot["currency"]
    as_stated = bool(start) and not row["changes"]
    row["total_minor"] = snapshot["total_minor"] if as_stated else _total(lines)
    row["recover_url"] = snapshot["recover_url"]
    row["state"] = _state(row, lines)
    row["lines"] = lines


def fold(start: Sequence[Item], changes: Sequence[Item]) -> list[Item]:
    """Lines after `changes` (oldest first) to a cart that held `start`. Quantities never fall below nothing."""
    lines = [dict(line) for line in start]
    for item in changes:
        line = next((line for line in lines if _same_product(line, item)), None)
        if item["action"] == "added":
            if line is None:
                lines.append({key: item[key] for key in ("product_id", "sku", "name", "quantity", "unit_price_minor")})
            else:
                line["quantity"] += item["quantity"]
                line["unit_price_minor"] = item["unit_price_minor"] or line["unit_price_minor"]
        elif line is not None:
            line["quantity"] -= item["quantity"]
            if line["quantity"] <= 0:
                lines.remove(line)
    return lines


def moment(at: datetime) -> str:
    """A time as text that sorts like the time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _touch(row: CartRow, at: datetime) -> None:
    row["opened_at"], row["changed_at"] = min(row["opened_at"], at), max(row["changed_at"], at)


def _state(row: CartRow, lines: Sequence[Item]) -> str:
    if row["closed_at"] is not None and row["closed_at"] >= row["changed_at"]:
        return "ordered"
    return "open" if lines else "empty"


def _same_product(line: Item, item: Item) -> bool:
    ids = {line["product_id"], line["sku"]} - {""}
    other = {item["product_id"], item["sku"]} - {""}
    return bool(ids & other) if ids and other else line["name"] == item["name"]


def _total(lines: Sequence[Item]) -> int | None:
    if not lines or any(line["unit_price_minor"] is None for line in lines):
        return None
    return round(sum(line["quantity"] * line["unit_price_minor"] for line in lines))


def _in_time(said: Item) -> tuple[str, str]:
    return said["at"], json.dumps(said, sort_keys=True)
