"""The SELECT that adds up customers' purchase documents by month and currency."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, case, extract, func, select

from crm360.commerce.models import Order
from crm360.identity.models import Contact
from crm360.kernel import dialects


def _monthly_sums() -> Select[Any]:
    documents = _documents().subquery()
    column = documents.c
    is_order, is_last = column.is_order == 1, and_(column.is_order == 1, column.place == 1)
    statement = select(
        column.profile_id,
        column.year,
        column.month,
        column.currency,
        func.sum(column.is_order),
        func.sum(case((column.kind != "sale", 1), else_=0)),
        func.sum(case((and_(column.kind == "sale", column.is_order == 0), 1), else_=0)),
        func.sum(column.net_minor),
        func.min(case((is_order, column.placed_at))),
        func.max(case((is_order, column.placed_at))),
        func.max(case((is_last, column.total_minor))),
    )
    return statement.group_by(column.profile_id, column.year, column.month, column.currency)


def _documents() -> Select[Any]:
    """Documents with what counts of them. `place` 1 is the profile's newest order."""
    is_order = case((and_(Order.kind == "sale", Order.status != "cancelled"), 1), else_=0)
    newest_first = (is_order.desc(), Order.placed_at.desc(), Order.id.desc())
    statement = select(
        Contact.profile_id,
        Order.kind,
        Order.currency,
        Order.placed_at,
        Order.total_minor,
        is_order.label("is_order"),
        case((Order.status == "cancelled", 0), else_=Order.total_minor - Order.refunded_minor).label("net_minor"),
        extract("year", Order.placed_at).label("year"),
        extract("month", Order.placed_at).label("month"),
        func.row_number().over(partition_by=Contact.profile_id, order_by=newest_first).label("place"),
    )
    joined = statement.join(Contact, Contact.id == Order.contact_id)
    return joined.where(dialects.Among(Contact.profile_id), Order.status != "announced")


#: Run with {"values": profile ids}. One row per profile, month and currency: its id, then the columns of `value.MonthlySum`.
MONTHLY_SUMS = _monthly_sums()
