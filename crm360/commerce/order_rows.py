"""Reads and writes rows of orders, lines and refunds in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select

from crm360.commerce.models import Line, Order, Refund
from crm360.commerce.versions import OrderRow, line_rows
from crm360.facts import OrderLine
from crm360.kernel import bulk, dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.kernel.keyed_rows import Key, find_by_key, save

_ORDERS: Any = Order.__table__
_LINES: Any = Line.__table__
_REFUNDS: Any = Refund.__table__


def orders_by_key(keys: Iterable[Key]) -> dict[Key, OrderRow]:
    """Known orders."""
    return find_by_key(_ORDERS, keys)


def save_orders(rows: Sequence[OrderRow]) -> None:
    """Insert or overwrite orders; afterwards each row has its id."""
    save(_ORDERS, rows)


def replace_lines(lines: Mapping[int, Sequence[OrderLine]], *, known: Iterable[int]) -> None:
    """Write orders' lines in place of those that the `known` among them had."""
    for chunk in chunked(known):
        db.session.execute(delete(_LINES).where(_LINES.c.order_id.in_(chunk)))
    rows = [row for order_id, order_lines in lines.items() for row in line_rows(order_id, order_lines)]
    bulk.insert_rows(db.session, _LINES, rows)


def refunds_of(order_ids: Iterable[int]) -> dict[int, dict[str, dict[str, Any]]]:
    """Refunds by order and by the source's refund id."""
    found: defaultdict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    for chunk in chunked(order_ids):
        for row in db.session.execute(select(_REFUNDS).where(_REFUNDS.c.order_id.in_(chunk))).mappings():
            found[row["order_id"]][row["refund_id"]] = dict(row)
    return found


def save_refunds(refunds: Iterable[dict[str, Any]]) -> None:
    """Insert refunds, or overwrite those of the same order and refund id."""
    dialects.upsert(db.session, _REFUNDS, list(refunds), ["order_id", "refund_id"])


def item_names(order_ids: Iterable[int]) -> dict[int, list[str]]:
    """Names of the items of orders, in the order of their lines."""
    names: defaultdict[int, list[str]] = defaultdict(list)
    for chunk in chunked(order_ids):
        statement = select(_LINES.c.order_id, _LINES.c.name, _LINES.c.sku).where(_LINES.c.order_id.in_(chunk))
        for order_id, name, sku in db.session.execute(statement.order_by(_LINES.c.order_id, _LINES.c.line_no)):
            names[order_id].append(name or sku)
    return names
