"""Records what customers look at and put into carts, and tells which carts were left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import select, update

from crm360.commerce import cart, cart_rows, valuing
from crm360.commerce.cart import CartRow
from crm360.commerce.models import Cart
from crm360.commerce.versions import name_contact
from crm360.facts import CartChanged, CartSnapshot, Received
from crm360.identity.models import Contact
from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.kernel.keyed_rows import Key
from crm360.profiles import timeline

MOST_PER_SWEEP = 500
KINDS = {
    "viewed": "cart.viewed",
    "added": "cart.added",
    "removed": "cart.removed",
    "checkout_started": "cart.checkout",
}


def record_cart_changes(*, received: Sequence[Received[CartChanged]], now: datetime) -> None:
    """Record product views and cart changes. Without a cart id the change is to the contact's own open cart."""
    known = [item for item in received if item.contact_id is not None]
    if not known:
        return
    dialects.lock_partition(db.session)
    changes = [item for item in known if item.fact.action != "viewed"]
    rows = cart_rows.carts_by_key({_key(item) for item in changes})
    before = {key: dict(row) for key, row in rows.items()}
    for item in changes:
        at = item.fact.occurred_at
        row = rows.setdefault(_key(item), cart.unseen(*_key(item), at))
        name_contact(row, item.contact_id, at)
        cart.change(row, item.fact)
    _save(rows, before)
    timeline.note(entries=[_change_entry(item) for item in known], now=now)


def record_cart_snapshots(*, received: Sequence[Received[CartSnapshot]], now: datetime) -> None:
    """Record whole carts; an older snapshot than the one kept changes nothing."""
    if not received:
        return
    dialects.lock_partition(db.session)
    rows = cart_rows.carts_by_key({(item.fact.source, item.fact.cart_id) for item in received})
    before = {key: dict(row) for key, row in rows.items()}
    payloads: dict[Key, int | None] = {}
    for item in received:
        key = item.fact.source, item.fact.cart_id
        row = rows.setdefault(key, cart.unseen(*key, item.fact.occurred_at))
        name_contact(row, item.contact_id, item.fact.occurred_at)
        cart.replace(row, item.fact)
        payloads[key] = item.payload_id
    changed = _save(rows, before)
    timeline.note(entries=list(_snapshot_entries(rows, changed, payloads)), now=now)


def abandon_carts(*, rest: timedelta, now: datetime) -> int:
    """Mark open carts nobody touched for `rest` as abandoned, unless their customer bought since; returns how many."""
    dialects.lock_partition(db.session)
    abandoned = 0
    while resting := _resting(now - rest):
        bought = cart_rows.last_purchases(row["contact_id"] for row in resting if row["contact_id"] is not None)
        by_profile = cart_rows.last_purchases_of_profiles(row["profile_id"] for row in resting if row["profile_id"])
        left = []
        for row in resting:
            last = max(filter(None, (bought.get(row["contact_id"]), by_profile.get(row["profile_id"]))), default=None)
            if last is not None and last >= row["changed_at"]:
                _set_state([row["id"]], state="ordered", closed_at=last)
            else:
                left.append(row)
        _set_state([row["id"] for row in left], state="abandoned")
        valuing.mark([row["profile_id"] for row in left if row["profile_id"]])
        timeline.note(entries=[_abandoned_entry(row, rest) for row in left if row["contact_id"] is not None], now=now)
        abandoned += len(left)
    return abandoned


def _key(item: Received[CartChanged]) -> Key:
    return item.fact.ref.source, item.fact.cart_id or f"contact:{item.contact_id}"


def _save(rows: dict[Key, CartRow], before: Mapping[Key, CartRow]) -> list[Key]:
    """Close carts whose contact bought meanwhile (the order may have been heard of first) and write what changed."""
    bought = cart_rows.last_purchases({row["contact_id"] for row in rows.values()} - {None})
    for row in rows.values():
        if last := bought.get(row["contact_id"]):
            cart.close(row, last)
    return cart_rows.save_carts(rows, before)


def _resting(until: datetime) -> list[dict[str, Any]]:
    columns = (Cart.id, Cart.external_id, Cart.contact_id, Cart.changed_at, Cart.currency, Cart.total_minor)
    statement = select(*columns, Cart.lines, Cart.recover_url, Contact.profile_id).outerjoin(
        Contact, Contact.id == Cart.contact_id
    )
    statement = statement.where(Cart.state == "open", Cart.changed_at <= until)
    ordered = statement.order_by(Cart.changed_at, Cart.id).limit(MOST_PER_SWEEP)
    return [dict(row) for row in db.session.execute(ordered).mappings()]


def _set_state(cart_ids: Sequence[int], **values: Any) -> None:
    statement = update(Cart).where(Cart.id.in_(cart_ids)).values(**values)
    db.session.execute(statement.execution_options(synchronize_session=False))


def _change_entry(item: Received[CartChanged]) -> timeline.Entry:
    fact, contact_id = item.fact, item.contact_id or 0
    said = {
        "product_id": fact.product_id,
        "sku": fact.sku,
        "name": fact.name,
        "category": fact.category,
        "quantity": fact.quantity,
        "unit_price_minor": fact.unit_price_minor,
        "currency": fact.currency,
        "cart_id": fact.cart_id,
        "url": fact.url,
    }
    digest = blake2b(repr((fact.action, *said.values())).encode(), digest_size=6).hexdigest()
    subject = f"cart-event:{contact_id}:{cart.moment(fact.occurred_at)}:{digest}"
    title = fact.name or fact.sku or fact.product_id
    told = {**fact.attributes, **said} if fact.attributes else said
    return timeline.Entry(contact_id, KINDS[fact.action], fact.occurred_at, title, told, subject, item.payload_id)


def _snapshot_entries(
    rows: Mapping[Key, CartRow], changed: Sequence[Key], payloads: Mapping[Key, int | None]
) -> Iterator[timeline.Entry]:
    for key in changed:
        row = rows[key]
        if row["contact_id"] is not None and row["snapshot"]["lines"]:
            at = datetime.fromisoformat(row["snapshot"]["at"])
            said, title = _content(row, row["snapshot"]["lines"]), _title(row["snapshot"]["lines"])
            yield timeline.Entry(
                row["contact_id"], "cart.updated", at, title, said, f"cart:{row['id']}", payloads.get(key)
            )


def _abandoned_entry(row: Mapping[str, Any], rest: timedelta) -> timeline.Entry:
    subject = f"cart:{row['id']}:abandoned:{cart.moment(row['changed_at'])}"
    said, title = _content(row, row["lines"]), _title(row["lines"])
    return timeline.Entry(row["contact_id"], "cart.abandoned", row["changed_at"] + rest, title, said, subject)


def _content(row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "cart_id": row["external_id"],
        "total_minor": row["total_minor"],
        "currency": row["currency"],
        "items": len(lines),
        "names": _names(lines)[:3],
        "recover_url": row["recover_url"],
    }


def _names(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    return [line["name"] or line["sku"] or line["product_id"] for line in lines]


def _title(lines: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(_names(lines)[:3])
