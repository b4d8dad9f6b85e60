"""Whom a list shows, page by page: each page goes on where the last one ended, however long the list is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select, tuple_

from crm360.commerce.models import CustomerValue
from crm360.kernel import dialects, paging
from crm360.kernel.db import db
from crm360.kernel.expressions import listed
from crm360.lists import conditions
from crm360.lists.asking import NEVER, Asked
from crm360.lists.conditions import WHO, Condition, Reader
from crm360.profiles.models import GoldenRecord

PER_PAGE = 50
#: A condition that so many meet at most is where a list begins.
FEW = 5_000
#: Counting for the head of a page stops here.
MOST_COUNTED = 1_000
#: Sign of the part of a list, ordered by purchases, where those follow who never bought.
_REST = "~"


class Page(NamedTuple):
    """Customers in the order of the list; `next_cursor` None on the last page. `total` stops above MOST_COUNTED."""

    ids: list[int]
    next_cursor: str | None
    total: int


class Order(NamedTuple):
    """By what a list is read: a column with its own index, and the kind it has in a cursor; None: by the id alone."""

    column: Any
    kind: type[Any] | None
    backwards: bool
    purchases: bool


class Start(NamedTuple):
    """What is asked of each customer; `few` when the first thing is to take a small set."""

    asks: list[ColumnElement[bool]]
    few: bool


class Row(NamedTuple):
    """A customer, what they stand by in the list, and the part of it they are in."""

    profile_id: int
    key: Any
    part: str


def page(asked: Asked, *, reader: Reader, now: datetime, after: str = "", limit: int = PER_PAGE) -> Page:
    """A page of a list. `after`: the page before's `next_cursor`. Raises BadCursor."""
    start, order = begin(conditions.of(asked, reader=reader, now=now)), _order(asked.sort)
    rows: list[Row] = []
    if not after.startswith(_REST) and not (order.purchases and asked.bought == NEVER):
        reach = [conditions.last_fits(asked, CustomerValue, now)] if order.purchases and asked.days[0] else []
        rows = [Row(*row, "") for row in _ordered(start, order, reach, after, limit + 1)]
    if order.purchases and not asked.days[0] and len(rows) <= limit:
        beyond = after.removeprefix(_REST) if after.startswith(_REST) else ""
        rows += [Row(each, None, _REST) for each in _rest(start, beyond, limit + 1 - len(rows))]
    whole = not after and len(rows) <= limit
    return _page(rows, order, limit, len(rows) if whole else _count(start))


def count(asked: Asked, *, reader: Reader, now: datetime) -> int:
    """How many a list has, exactly."""
    found = who(conditions.of(asked, reader=reader, now=now)).subquery()
    return int(db.session.scalar(select(func.count()).select_from(found)) or 0)


def among(profile_ids: Collection[int], asked: Asked, *, reader: Reader, now: datetime) -> set[int]:
    """Those of some customers whom a list has."""
    asks = [each.holds for each in conditions.of(asked, reader=reader, now=now)]
    fits = select(WHO).where(dialects.Among(WHO), *asks)
    return set(db.session.scalars(fits, {"values": list(profile_ids)}))


def _count(start: Start) -> int:
    return conditions.many(select(WHO).where(*start.asks), MOST_COUNTED + 1)


def who(asks: Sequence[Condition]) -> Select[Any]:
    """SELECT of the customers who meet every condition."""
    return select(WHO).where(*begin(asks).asks)


def begin(asks: Sequence[Condition]) -> Start:
    """Where to begin: with those who are in every set that is small, or with the order of the list."""
    dialects.expect_short(db.session)
    sets = [(each, each.among) for each in asks if each.among is not None]
    small = [(each, among) for each, among in sets if conditions.many(among, FEW + 1) <= FEW]
    if not small:
        return Start([each.holds for each in asks], False)
    ids = set.intersection(*(set(db.session.scalars(among)) for _, among in small))
    known = [each for each, _ in small if each.exact]
    return Start([listed(WHO, ids), *(each.holds for each in asks if each not in known)], True)


def _order(sort: str) -> Order:
    backwards, name = sort.startswith("-"), sort.removeprefix("-")
    if name == "last":
        return Order(CustomerValue.last_at, datetime, backwards, True)
    if name == "spend":
        return Order(CustomerValue.spend_minor, int, backwards, True)
    if name == "name":
        return Order(GoldenRecord.name_key, str, backwards, False)
    return Order(None, None, backwards, False)


def _ordered(
    start: Start, order: Order, reach: Sequence[ColumnElement[bool]], after: str, limit: int
) -> list[tuple[int, Any]]:
    ident = CustomerValue.profile_id if order.purchases else WHO
    keys = [ident] if order.column is None else [order.column, ident]
    query = select(WHO, keys[0]).where(*start.asks)
    if order.purchases:
        query = query.join(CustomerValue, CustomerValue.profile_id == WHO).where(
            CustomerValue.last_at.is_not(None), *reach
        )
    if after:
        query = query.where(_beyond(keys, order, after))
    # a sum or a joined text has no index: a small set is sorted, not looked for in the order of everybody
    sorted_by = [func.coalesce(each, each) for each in keys] if start.few else keys
    direction = [each.desc() if order.backwards else each for each in sorted_by]
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(*direction).limit(limit))]


def _beyond(keys: Sequence[Any], order: Order, after: str) -> ColumnElement[bool]:
    kinds = (int,) if order.kind is None else (order.kind, int)
    last = paging.decode(after, *kinds)
    here, there = tuple_(*keys), tuple_(*last)
    if len(keys) == 1:
        here, there = keys[0], last[0]  # type: ignore[assignment]
    return here < there if order.backwards else here > there


def _rest(start: Start, after: str, limit: int) -> list[int]:
    """Who never bought, by their number."""
    query = select(WHO).where(*start.asks, ~conditions.bought())
    if after:
        (last,) = paging.decode(after, int)
        query = query.where(last < WHO)
    return list(db.session.scalars(query.order_by(func.coalesce(WHO, WHO) if start.few else WHO).limit(limit)))


def _page(rows: Sequence[Row], order: Order, limit: int, count: int) -> Page:
    shown = rows[:limit]
    cursor = None
    if len(rows) > limit:
        last = shown[-1]
        whole = (last.profile_id,) if last.part or order.kind is None else (last.key, last.profile_id)
        cursor = last.part + paging.encode(*whole)
    return Page([each.profile_id for each in shown], cursor, count)
