"""Questions about purchases and carts. Nothing here writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, or_, select, tuple_

from crm360.commerce.models import Cart, Line, Order
from crm360.commerce.purchase_sums import MONTHLY_SUMS
from crm360.commerce.value import MonthlySum, Value, value
from crm360.identity.queries import contact_ids
from crm360.kernel import paging
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.profiles.models import TimelineEntry

CART_EVENTS = ("cart.viewed", "cart.added", "cart.removed", "cart.checkout")


class OrderPage(NamedTuple):
    """Newest first. `lines` by order id, empty unless asked for; `next_cursor` None on the last page."""

    orders: list[Order]
    lines: dict[int, list[Line]]
    next_cursor: str | None


def orders_of(profile_id: int, *, limit: int = 20, before: str | None = None) -> OrderPage:
    """A page of a customer's purchase documents without their lines. Raises BadCursor."""
    statement = _page(select(Order), profile_id, limit, before)
    return _paged(list(_fresh(statement).scalars()), {}, limit)


def orders_with_lines(profile_id: int, *, limit: int = 20, before: str | None = None) -> OrderPage:
    """The same page with the lines of its orders, in one statement. Raises BadCursor."""
    ids = _page(select(Order.id), profile_id, limit, before).subquery()
    statement = select(Order, Line).join(ids, ids.c.id == Order.id).outerjoin(Line, Line.order_id == Order.id)
    newest_first = statement.order_by(Order.placed_at.desc(), Order.id.desc(), Line.line_no)
    orders: dict[int, Order] = {}
    lines: defaultdict[int, list[Line]] = defaultdict(list)
    for order, line in _fresh(newest_first):
        orders[order.id] = order
        if line is not None:
            lines[order.id].append(line)
    return _paged(list(orders.values()), lines, limit)


def find_order(order_id: int) -> Order | None:
    """An order by its id; None when there is none."""
    found: Order | None = _fresh(select(Order).where(Order.id == order_id)).scalar_one_or_none()
    return found


def lines_of(order_ids: Iterable[int]) -> dict[int, list[Line]]:
    """Lines by order, in their order; one statement per 500 orders."""
    found: defaultdict[int, list[Line]] = defaultdict(list)
    for chunk in chunked(order_ids):
        statement = select(Line).where(Line.order_id.in_(chunk)).order_by(Line.order_id, Line.line_no)
        for line in _fresh(statement).scalars():
            found[line.order_id].append(line)
    return dict(found)


def value_of(profile_id: int) -> Value:
    """A customer's purchases in numbers, months for the sparkline included; one statement."""
    return value_of_many([profile_id])[profile_id]


def value_of_many(profile_ids: Sequence[int]) -> dict[int, Value]:
    """The same for each of several customers (at most some hundred), in one statement."""
    sums: dict[int, list[MonthlySum]] = {profile_id: [] for profile_id in profile_ids}
    if sums:
        for profile_id, year, month, currency, *counted in db.session.execute(MONTHLY_SUMS, {"values": sums}):
            orders, returns, cancelled, spend, *rest = counted
            known = MonthlySum(
                int(year), int(month), currency, int(orders), int(returns), int(cancelled), int(spend), *rest
            )
            sums[profile_id].append(known)
    return {profile_id: value(known) for profile_id, known in sums.items()}


def carts_of(profile_id: int, *, limit: int = 10) -> list[Cart]:
    """A customer's carts that hold or held something not bought, the last changed first."""
    statement = select(Cart).where(Cart.contact_id.in_(contact_ids(profile_id)), Cart.state.in_(("open", "abandoned")))
    return list(_fresh(statement.order_by(Cart.changed_at.desc(), Cart.id.desc()).limit(limit)).scalars())


def counts() -> dict[str, int]:
    """For the statistics: orders (all documents), cancellations and returns among them, order_lines, cart_events."""
    called_off = or_(Order.kind == "cancellation", Order.status == "cancelled")
    taken_back = (Order.kind == "return") & (Order.status != "cancelled")
    each = (func.count(), func.count(case((called_off, 1))), func.count(case((taken_back, 1))))
    orders, cancellations, returns = db.session.execute(select(*each).where(Order.status != "announced")).one()
    events = select(func.count()).select_from(TimelineEntry).where(TimelineEntry.kind.in_(CART_EVENTS))
    return {
        "orders": orders,
        "cancellations": cancellations,
        "returns": returns,
        "order_lines": db.session.execute(select(func.count()).select_from(Line)).scalar_one(),
        "cart_events": db.session.execute(events).scalar_one(),
    }


def _page(statement: Select[Any], profile_id: int, limit: int, before: str | None) -> Select[Any]:
    wanted = statement.where(Order.contact_id.in_(contact_ids(profile_id)), Order.status != "announced")
    if before:
        wanted = wanted.where(tuple_(Order.placed_at, Order.id) < tuple_(*paging.moment(before)))
    return wanted.order_by(Order.placed_at.desc(), Order.id.desc()).limit(limit + 1)


def _paged(orders: list[Order], lines: dict[int, list[Line]], limit: int) -> OrderPage:
    shown = orders[:limit]
    cursor = paging.encode(shown[-1].placed_at, shown[-1].id) if len(orders) > limit else None
    return OrderPage(shown, {order.id: lines.get(order.id, []) for order in shown} if lines else {}, cursor)


def _fresh(statement: Any) -> Any:
    """Run a SELECT of rows that operations may have rewritten behind the session's back."""
    return db.session.execute(statement.execution_options(populate_existing=True))
