"""What values are computed from, read for some customers or for all: documents, kept products, categories, carts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import case, func, select

from crm360.commerce.models import Cart, Line, Order, Refund
from crm360.commerce.purchase_history import Document
from crm360.identity.models import Contact
from crm360.kernel import dialects
from crm360.kernel.db import db

_AT_ONCE = 10_000
#: Sales somebody kept at least a part of.
_KEPT = (Order.kind == "sale", Order.status.not_in(("cancelled", "refunded", "announced")))


class Carts(NamedTuple):
    """Carts left behind: how many, and when the last was touched."""

    left: int
    last_at: datetime | None


def documents(profile_ids: Collection[int] | None = None) -> Iterator[tuple[int, list[Document]]]:
    """Each customer's purchase documents, their times by the shop's clock; of everybody when none are named."""
    zone = dialects.shop_zone(db.session)
    columns = (Order.placed_at, Order.currency, Order.kind, Order.status, Order.total_minor, Order.refunded_minor)
    statement = _of(select(Contact.profile_id, *columns).join(Contact, Contact.id == Order.contact_id), profile_ids)
    rows = db.session.execute(statement.order_by(Contact.profile_id).execution_options(yield_per=_AT_ONCE))
    for profile_id, group in groupby(rows, key=itemgetter(0)):
        yield profile_id, [Document(at.astimezone(zone), *said) for _, at, *said in group]


def kept_products(profile_ids: Collection[int] | None = None) -> tuple[dict[int, set[str]], dict[str, str]]:
    """Products each customer bought and did not give back, by SKU (by name without one); and the products' names."""
    sold = case((Order.kind == "sale", func.abs(Line.quantity)), else_=-func.abs(Line.quantity))
    statement = (
        select(Contact.profile_id, Line.sku, Line.name, func.sum(sold))
        .join(Order, Order.id == Line.order_id)
        .join(Contact, Contact.id == Order.contact_id)
        .where(Order.status.not_in(("cancelled", "refunded", "announced")))
        .group_by(Contact.profile_id, Line.sku, Line.name)
    )
    amounts: defaultdict[int, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    names: dict[str, str] = {}
    for profile_id, sku, name, quantity in db.session.execute(_of(statement, profile_ids)):
        product = sku or name
        if product:
            amounts[profile_id][product] += quantity
            names[product] = max(names.get(product, ""), name or sku)
    for profile_id, product, quantity in _given_back(profile_ids):
        amounts[profile_id][product] -= quantity
    return {whose: {each for each, left in of.items() if left > 0} for whose, of in amounts.items()}, names


def _given_back(profile_ids: Collection[int] | None) -> Iterator[tuple[int, str, float]]:
    """Products that refunds name, of orders not refunded as a whole."""
    statement = select(Contact.profile_id, Refund.lines).join(Order, Order.id == Refund.order_id)
    joined = statement.join(Contact, Contact.id == Order.contact_id).where(*_KEPT)
    for profile_id, lines in db.session.execute(_of(joined, profile_ids)):
        for line in lines:
            yield profile_id, line.get("sku") or line.get("name") or "", abs(float(line.get("quantity") or 0))


def categories(profile_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """Categories of each customer with the number of orders they are in, the most bought first."""
    orders = func.count(Line.order_id.distinct())
    statement = (
        select(Contact.profile_id, Line.category, orders)
        .join(Order, Order.id == Line.order_id)
        .join(Contact, Contact.id == Order.contact_id)
        .where(*_KEPT, Line.category != "")
        .group_by(Contact.profile_id, Line.category)
        .order_by(Contact.profile_id, orders.desc(), Line.category)
    )
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for profile_id, category, count in db.session.execute(_of(statement, profile_ids)):
        found[profile_id].append({"category": category, "orders": count})
    return found


def abandoned(profile_ids: Collection[int]) -> dict[int, Carts]:
    """Carts each customer left behind."""
    statement = select(Contact.profile_id, func.count(), func.max(Cart.changed_at))
    joined = statement.join(Contact, Contact.id == Cart.contact_id).where(Cart.state == "abandoned")
    rows = db.session.execute(_of(joined.group_by(Contact.profile_id), profile_ids))
    return {profile_id: Carts(count, last_at) for profile_id, count, last_at in rows}


def _of(statement: Any, profile_ids: Collection[int] | None) -> Any:
    if profile_ids is None:
        return statement.where(Contact.profile_id.is_not(None))
    return statement.where(Contact.profile_id.in_(profile_ids))
