"""Records purchases, cancellations and refunds, whichever of them is heard first and however often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crm360.commerce import cart_closing, order_entries, order_rows, valuing, versions
from crm360.commerce.versions import OrderRow, Refunds
from crm360.facts import OrderCancelled, OrderLine, OrderPlaced, OrderRefunded, Received
from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.kernel.keyed_rows import Key
from crm360.profiles import search, timeline


def record_orders(*, received: Sequence[Received[OrderPlaced]], now: datetime) -> None:
    """Record purchase documents with their lines; an older or repeated version changes nothing."""
    if not received:
        return
    book = _open(item.fact for item in received)
    for item in received:
        row = book.row(item.fact, item.fact.placed_at, item.payload_id)
        if versions.place(row, item.fact):
            book.lines[_key(item.fact)] = item.fact.lines
        versions.name_contact(row, item.contact_id, item.fact.updated_at)
    _close(book, now)
    cart_closing.close_for_orders([item for item in received if item.fact.kind == "sale"])


def record_cancellations(*, received: Sequence[Received[OrderCancelled]], now: datetime) -> None:
    """Record that orders were called off; one not heard of yet is announced and completed when it comes."""
    if not received:
        return
    book = _open(item.fact for item in received)
    for item in received:
        row = book.row(item.fact, item.fact.occurred_at, item.payload_id)
        versions.announce(row, item.fact.occurred_at)
        versions.cancel(row, item.fact)
        versions.name_contact(row, item.contact_id, item.fact.occurred_at)
    _close(book, now)


def record_refunds(*, received: Sequence[Received[OrderRefunded]], now: datetime) -> None:
    """Record money given back; an order not heard of yet is announced and completed when it comes."""
    if not received:
        return
    book = _open(item.fact for item in received)
    for item in received:
        row = book.row(item.fact, item.fact.occurred_at, item.payload_id)
        versions.announce(row, item.fact.occurred_at)
        if row["stated_status"] == "announced":
            row["currency"] = max(row["currency"], item.fact.currency)
        versions.name_contact(row, item.contact_id, item.fact.occurred_at)
        book.refunds[_key(item.fact)].append(item.fact)
    _close(book, now)


@dataclass
class _Book:
    """The orders a batch speaks of: as they were, as they become, and what goes with them."""

    rows: dict[Key, OrderRow]
    before: dict[Key, OrderRow]
    lines: dict[Key, Sequence[OrderLine]] = field(default_factory=dict)
    refunds: defaultdict[Key, list[OrderRefunded]] = field(default_factory=lambda: defaultdict(list))
    payloads: dict[Key, int | None] = field(default_factory=dict)

    def row(self, fact: OrderPlaced | OrderCancelled | OrderRefunded, at: datetime, payload_id: int | None) -> OrderRow:
        key = _key(fact)
        self.payloads[key] = payload_id
        if key not in self.rows:
            self.rows[key] = versions.announced(*key, at)
        return self.rows[key]


def _key(fact: OrderPlaced | OrderCancelled | OrderRefunded) -> Key:
    return fact.source, fact.external_id


def _open(facts: Iterable[OrderPlaced | OrderCancelled | OrderRefunded]) -> _Book:
    dialects.lock_partition(db.session)  # between reading a row and writing it back nobody else may change it
    rows = order_rows.orders_by_key({_key(fact) for fact in facts})
    return _Book(rows=rows, before={key: dict(row) for key, row in rows.items()})


def _close(book: _Book, now: datetime) -> None:
    """Write what changed, and only that."""
    touched = [key for key, row in book.rows.items() if key in book.refunds or row != book.before.get(key)]
    refunds = _refunds(book, touched)
    for key in touched:
        versions.settle(book.rows[key], [refund["amount_minor"] for refund in refunds[key].values()])
    changed = [key for key in touched if book.rows[key] != book.before.get(key) or _is_new(refunds[key])]
    order_rows.save_orders([book.rows[key] for key in changed])
    order_rows.replace_lines(
        {book.rows[key]["id"]: lines for key, lines in book.lines.items()},
        known=[book.rows[key]["id"] for key in book.lines if key in book.before],
    )
    order_rows.save_refunds(
        {"order_id": book.rows[key]["id"], **refund}
        for key in changed
        for refund in refunds[key].values()
        if "order_id" not in refund
    )
    _tell(book, changed, refunds, now)
    owners = [row["contact_id"] for key in changed for row in (book.rows[key], book.before.get(key)) if row]
    valuing.mark_contacts(owners)


def _refunds(book: _Book, keys: Iterable[Key]) -> dict[Key, Refunds]:
    """Refunds of orders by refund id, those just heard of among them; only rows already written have an order id."""
    ids = {book.rows[key]["id"]: key for key in keys if key in book.before}
    known = order_rows.refunds_of(ids)
    refunds = {key: known.get(book.rows[key].get("id", 0), {}) for key in keys}
    for key, facts in book.refunds.items():
        for fact in facts:
            versions.refund(refunds[key], fact)
    return refunds


def _is_new(refunds: Refunds) -> bool:
    return any("order_id" not in refund for refund in refunds.values())


def _tell(book: _Book, keys: Sequence[Key], refunds: dict[Key, Refunds], now: datetime) -> None:
    """Write the changed orders into the timeline, and their numbers into the search."""
    shown = [key for key in keys if book.rows[key]["contact_id"] is not None]
    stored = order_rows.item_names(book.rows[key]["id"] for key in shown if key not in book.lines)
    entries: list[timeline.Entry] = []
    for key in shown:
        row = book.rows[key]
        names = [line.name or line.sku for line in book.lines[key]] if key in book.lines else stored.get(row["id"], [])
        about = refunds[key].values()
        entries += order_entries.entries(row, names=names, refunds=about, payload_id=book.payloads[key])
    timeline.note(entries=entries, now=now)
    placed = [book.rows[key] for key in shown if book.rows[key]["status"] != "announced"]
    search.add_terms(terms=[(row["contact_id"], "order", row["number"]) for row in placed])
