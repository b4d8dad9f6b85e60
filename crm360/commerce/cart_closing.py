"""Closes the carts that orders took: the one an order names, and those its customer had filled before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from crm360.commerce import cart, cart_rows
from crm360.commerce.versions import name_contact
from crm360.facts import OrderPlaced, Received


def close_for_orders(received: Sequence[Received[OrderPlaced]]) -> None:
    """Close the carts of these purchases. A cart not heard of yet is kept as ordered, for its changes to come late."""
    bought: defaultdict[int, list[datetime]] = defaultdict(list)
    for item in received:
        if item.contact_id is not None:
            bought[item.contact_id].append(item.fact.placed_at)
    naming = [item for item in received if item.fact.cart_id]
    rows = cart_rows.carts_of_contacts(bought)
    rows |= cart_rows.carts_by_key({(item.fact.source, item.fact.cart_id) for item in naming} - rows.keys())
    before = {key: dict(row) for key, row in rows.items()}
    for item in naming:
        fact = item.fact
        row = rows.setdefault((fact.source, fact.cart_id), cart.unseen(fact.source, fact.cart_id, fact.placed_at))
        cart.name_as_ordered(row, fact.placed_at)
        name_contact(row, item.contact_id, fact.placed_at)
    earlier_heard = cart_rows.last_purchases({row["contact_id"] for row in rows.values()} - {None})
    for row in rows.values():
        for placed_at in bought.get(row["contact_id"], ()):
            cart.close(row, placed_at)
        if last := earlier_heard.get(row["contact_id"]):
            cart.close(row, last)
    cart_rows.save_carts(rows, before)
