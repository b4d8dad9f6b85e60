"""The customers behind a figure: each figure of the pages has a name here, and who is counted in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, extract, func, or_, select

from crm360.commerce.models import Cart, CustomerValue, Order
from crm360.conversations.models import Conversation
from crm360.identity.models import Contact
from crm360.insights import churn
from crm360.insights.experience import Period
from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.surveys.models import Answer, Survey

MOST_LISTED = 100
CART_DAYS = 7
#: A first purchase this many days ago wants a second.
ONCE_DAYS = (30, 90)
_DAY = 86_400.0


class Behind(NamedTuple):
    """`profile_ids` of at most 100, `whole` the number of all."""

    profile_ids: list[int]
    whole: int


def customers(name: str, *, period: Period) -> Behind:
    """Who is counted in a figure of a period. Raises KeyError for a figure nobody is behind."""
    statement = FIGURES[name](period)
    rows = statement.subquery()
    count = int(db.session.scalar(select(func.count()).select_from(rows)) or 0)
    return Behind([row[0] for row in db.session.execute(statement.limit(MOST_LISTED))], count)


def in_cell(recency: int, frequency: int) -> Behind:
    """Customers of one cell of the RFM grid, who is worth most first."""
    here = (CustomerValue.recency_score == recency, CustomerValue.frequency_score == frequency)
    return _of_values(here)


def in_cohort(month: str) -> Behind:
    """Customers whose first order was in a month ("2026-03", by the shop's clock)."""
    year, number = (int(part) for part in month.split("-"))
    zone = dialects.shop_zone(db.session)
    edges = (datetime(year, number, 1, tzinfo=zone), datetime(year + number // 12, number % 12 + 1, 1, tzinfo=zone))
    return _of_values((CustomerValue.first_at >= edges[0], CustomerValue.first_at < edges[1]))


def conditions(name: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What the value of a customer fulfils who is silent for too long, due for a second purchase, or in a state."""
    silent = now.timestamp() - extract("epoch", CustomerValue.last_at)
    pause = func.coalesce(CustomerValue.rhythm_days, 0)
    longest = {each: edge * _DAY * pause for each, edge in (("late", churn.LATE), ("lapsed", churn.LAPSED))}
    has_rhythm = CustomerValue.rhythm_days.is_not(None)
    bought = CustomerValue.purchase_days > 0
    between = [now - timedelta(days=days) for days in ONCE_DAYS]
    known: dict[str, tuple[ColumnElement[bool], ...]] = {
        "no_rhythm": (bought, CustomerValue.rhythm_days.is_(None)),
        "on_time": (has_rhythm, silent <= longest["late"]),
        "late": (has_rhythm, silent > longest["late"], silent <= longest["lapsed"]),
        "lapsed": (has_rhythm, silent > longest["lapsed"]),
        "silent": (has_rhythm, silent > longest["late"], silent <= 2 * longest["lapsed"]),
        "once": (CustomerValue.purchase_days == 1, CustomerValue.last_at <= between[0], CustomerValue.last_at > between[1]),
        "repeaters": (CustomerValue.purchase_days > 1,),
        "customers": (bought,),
    }  # fmt: skip
    return known[name]


def of_value(name: str, *, now: datetime) -> Behind:
    """Customers told by their value alone. Raises KeyError."""
    return _of_values(conditions(name, now))


def of_ids(profile_ids: Collection[int]) -> Behind:
    """Named customers, who is worth most first, those without a value last."""
    valued = _of_values((CustomerValue.profile_id.in_(list(profile_ids)),)).profile_ids
    others = [each for each in profile_ids if each not in set(valued)]
    return Behind([*valued, *others][:MOST_LISTED], len(profile_ids))


def _of_values(wanted: tuple[ColumnElement[bool], ...]) -> Behind:
    worth = func.coalesce(CustomerValue.clv_minor, CustomerValue.spend_minor)
    statement = select(CustomerValue.profile_id).where(*wanted)
    count = int(db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0)
    ordered = statement.order_by(worth.desc(), CustomerValue.profile_id).limit(MOST_LISTED)
    return Behind(list(db.session.scalars(ordered)), count)


def _orders(period: Period, *wanted: ColumnElement[bool]) -> Select[Any]:
    within = (Order.placed_at >= period.start, Order.placed_at < period.end, Order.status != "announced")
    joined = select(Contact.profile_id).join(Order, Order.contact_id == Contact.id)
    whose = joined.where(*within, *wanted, Contact.profile_id.is_not(None)).group_by(Contact.profile_id)
    return whose.order_by(func.max(Order.placed_at).desc(), Contact.profile_id)


def _sales(period: Period) -> Select[Any]:
    return _orders(period, Order.kind == "sale", Order.status != "cancelled")


def _by_first(period: Period, *, new: bool) -> Select[Any]:
    """Buyers of a period whose first order ever is in it, or before it."""
    first = select(Contact.profile_id).join(Order, Order.contact_id == Contact.id)
    ever = first.where(Order.kind == "sale", Order.status.not_in(("cancelled", "announced")))
    began = func.min(Order.placed_at) >= period.start if new else func.min(Order.placed_at) < period.start
    return _sales(period).where(Contact.profile_id.in_(ever.group_by(Contact.profile_id).having(began)))


def _taken_back(period: Period) -> Select[Any]:
    refunded = and_(Order.kind == "sale", Order.status != "cancelled", Order.refunded_minor > 0)
    return _orders(period, or_(Order.kind == "return", refunded))


def _carts(period: Period) -> Select[Any]:
    joined = select(Contact.profile_id).join(Cart, Cart.contact_id == Contact.id)
    left = (Cart.state == "abandoned", Cart.changed_at >= period.start, Cart.changed_at < period.end)
    whose = joined.where(*left, Contact.profile_id.is_not(None)).group_by(Contact.profile_id)
    return whose.order_by(func.max(Cart.changed_at).desc(), Contact.profile_id)


def _talking(period: Period) -> Select[Any]:
    joined = select(Contact.profile_id).join(Conversation, Conversation.contact_id == Contact.id)
    within = (Conversation.started_at >= period.start, Conversation.started_at < period.end)
    whose = joined.where(*within, Contact.profile_id.is_not(None)).group_by(Contact.profile_id)
    return whose.order_by(func.max(Conversation.started_at).desc(), Contact.profile_id)


def _answering(kind: str) -> Callable[[Period], Select[Any]]:
    """Customers who answered surveys of a kind in a period, the unhappiest first."""

    def of(period: Period) -> Select[Any]:
        joined = select(Contact.profile_id).join(Answer, Answer.contact_id == Contact.id)
        asked = joined.join(Survey, Survey.id == Answer.survey_id).where(Survey.kind == kind, Answer.score.is_not(None))
        within = asked.where(Answer.answered_at >= period.start, Answer.answered_at < period.end)
        whose = within.where(Contact.profile_id.is_not(None)).group_by(Contact.profile_id)
        return whose.order_by(func.min(Answer.score), Contact.profile_id)

    return of


#: Figure of the experience page → who is counted in it.
FIGURES: Mapping[str, Callable[[Period], Select[Any]]] = {
    "buyers": _sales,
    "orders": _sales,
    "revenue": _orders,
    "average_order": _sales,
    "new": lambda period: _by_first(period, new=True),
    "returning": lambda period: _by_first(period, new=False),
    "returns": _taken_back,
    "return_rate": _taken_back,
    "abandoned": _carts,
    "nps": _answering("nps"),
    "csat": _answering("csat"),
    "conversations": _talking,
    "first_response": _talking,
    "resolution": _talking,
    "one_contact": _talking,
    "reopened": _talking,
}
