"""Reads and writes rows of carts in bulk, and finds the orders that closed them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from crm360.commerce import cart, valuing
from crm360.commerce.cart import CartRow
from crm360.commerce.models import Cart, Order
from crm360.identity.models import Contact
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.kernel.keyed_rows import Key, find_by_key, save

_CARTS: Any = Cart.__table__


def carts_by_key(keys: Iterable[Key]) -> dict[Key, CartRow]:
    """Known carts."""
    return find_by_key(_CARTS, keys)


def carts_of_contacts(contact_ids: Iterable[int]) -> dict[Key, CartRow]:
    """Known carts of contacts."""
    found: dict[Key, CartRow] = {}
    for chunk in chunked(contact_ids):
        for row in db.session.execute(select(_CARTS).where(_CARTS.c.contact_id.in_(chunk))).mappings():
            found[row["source"], row["external_id"]] = dict(row)
    return found


def save_carts(rows: Mapping[Key, CartRow], before: Mapping[Key, CartRow]) -> list[Key]:
    """Settle carts and write those that differ from `before`; returns their keys."""
    for key, row in rows.items():
        cart.settle(row)
        if _still_abandoned(row, before.get(key)):
            row["state"] = "abandoned"
    changed = [key for key, row in rows.items() if row != before.get(key)]
    save(_CARTS, [rows[key] for key in changed])
    valuing.mark_contacts(_owners_of_abandoned(rows, before, changed))
    return changed


def _owners_of_abandoned(rows: Mapping[Key, CartRow], before: Mapping[Key, CartRow], keys: Iterable[Key]) -> set[int]:
    """Contacts who have one cart left behind more, or less."""
    versions = [row for key in keys for row in (rows[key], before.get(key)) if row]
    return {row["contact_id"] for row in versions if row["state"] == "abandoned"} - {None}


def last_purchases(contact_ids: Iterable[int]) -> dict[int, datetime]:
    """When each contact bought last; contacts who never did are left out."""
    found: dict[int, datetime] = {}
    for chunk in chunked(contact_ids):
        statement = select(Order.contact_id, func.max(Order.placed_at)).where(
            *_purchases(), Order.contact_id.in_(chunk)
        )
        found.update((owner, at) for owner, at in db.session.execute(statement.group_by(Order.contact_id)))
    return found


def last_purchases_of_profiles(profile_ids: Iterable[int]) -> dict[int, datetime]:
    """When each profile bought last, by any of its contacts."""
    found: dict[int, datetime] = {}
    for chunk in chunked(profile_ids):
        statement = select(Contact.profile_id, func.max(Order.placed_at)).join(Order, Order.contact_id == Contact.id)
        statement = statement.where(*_purchases(), Contact.profile_id.in_(chunk)).group_by(Contact.profile_id)
        found.update((owner, at) for owner, at in db.session.execute(statement))
    return found


def _purchases() -> tuple[Any, ...]:
    return Order.kind == "sale", Order.status != "announced"


def _still_abandoned(row: CartRow, before: CartRow | None) -> bool:
    if before is None or before["state"] != "abandoned":
        return False
    return row["state"] == "open" and row["changed_at"] == before["changed_at"]
