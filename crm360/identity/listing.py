"""Pairs, decisions and shared identifiers page by page, for readers who go through all of them."""

from __future__ import annotations

import math
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, and_, case, func, or_, select, tuple_

from crm360.identity import evidence, in_force
from crm360.identity.auditing import Shared
from crm360.identity.compared import JOINING
from crm360.identity.history import HistoryItem, decided
from crm360.identity.models import Contact, Decision, DecisionLink, DecisionUndone, Edge, WeakValue
from crm360.identity.reviewing import Review, open_pairs, told
from crm360.kernel import paging
from crm360.kernel.db import db

T = TypeVar("T")


class Page(NamedTuple, Generic[T]):
    """`next_cursor` is None on the last page."""

    items: list[T]
    next_cursor: str | None


def reviews(*, after: str = "", limit: int = 20) -> Page[Review]:
    """Pairs of profiles that wait for an answer, most alike first, each once: by its strongest pair of contacts."""
    pairs = open_pairs().order_by(None).subquery().c
    order = (pairs.weight.desc(), pairs.left_id, pairs.right_id)
    one, other = pairs.profile_id, pairs.profile_id_1
    ends = (case((one < other, one), else_=other), case((one < other, other), else_=one))
    rank = func.row_number().over(partition_by=ends, order_by=order).label("rank")
    ranked = select(pairs.left_id, pairs.right_id, one, other, rank).subquery()
    query = (
        select(Edge, ranked.c.profile_id, ranked.c.profile_id_1)
        .join(ranked, and_(ranked.c.left_id == Edge.left_id, ranked.c.right_id == Edge.right_id))
        .where(ranked.c.rank == 1, _beyond(after))
        .order_by(Edge.weight.desc(), Edge.left_id, Edge.right_id)
        .limit(limit + 1)
    )
    rows = db.session.execute(query).all()
    found = told([(edge, left, right) for edge, left, right in rows[:limit]])
    return Page(found, _cursor(rows[limit - 1][0]) if len(rows) > limit else None)


class Weighed(NamedTuple):
    """A stored pair, why it weighs so, and the name of the model that says it."""

    left_id: int
    right_id: int
    weight: float
    evidence: evidence.Evidence
    model: str


def pairs_of(contact_id: int, *, after: str = "", limit: int = 20) -> Page[Weighed]:
    """The stored pairs of one contact, strongest first: whom it was compared with to some effect."""
    query = (
        select(Edge)
        .where(or_(Edge.left_id == contact_id, Edge.right_id == contact_id), _beyond(after))
        .order_by(Edge.weight.desc(), Edge.left_id, Edge.right_id)
        .limit(limit + 1)
    )
    rows = db.session.scalars(query).all()
    why, model = evidence.of_pairs((edge.left_id, edge.right_id) for edge in rows[:limit]), in_force.current().name
    found = [
        Weighed(edge.left_id, edge.right_id, edge.weight, why[edge.left_id, edge.right_id], model)
        for edge in rows[:limit]
    ]
    return Page(found, _cursor(rows[limit - 1]) if len(rows) > limit else None)


def decisions(*, profile_id: int | None = None, kind: str = "", after: str = "", limit: int = 20) -> Page[HistoryItem]:
    """What people decided of who is who, latest first; of one profile's present contacts, or of all; of one `kind`."""
    query = select(Decision, DecisionUndone).outerjoin(DecisionUndone, DecisionUndone.decision_id == Decision.id)
    if profile_id is not None:
        mine = select(Contact.id).where(Contact.profile_id == profile_id)
        ends = or_(DecisionLink.left_id.in_(mine), DecisionLink.right_id.in_(mine))
        query = query.where(Decision.id.in_(select(DecisionLink.decision_id).where(ends)))
    if kind:
        query = query.where(Decision.kind == kind)
    if after:
        (last,) = paging.decode(after, int)
        query = query.where(Decision.id < last)
    rows = db.session.execute(query.order_by(Decision.id.desc()).limit(limit + 1)).all()
    found = [decided(made, undone) for made, undone in rows[:limit]]
    return Page(found, paging.encode(rows[limit - 1][0].id) if len(rows) > limit else None)


def shared(*, after: str = "", limit: int = 20) -> Page[Shared]:
    """Identifier values that belong to several people and join nobody, those of most first."""
    query = select(WeakValue).where(or_(*(WeakValue.key.startswith(f"{kind}:", autoescape=True) for kind in JOINING)))
    if after:
        count, key = paging.decode(after, int, str)
        query = query.where(or_(WeakValue.count < count, and_(WeakValue.count == count, WeakValue.key > key)))
    rows = db.session.scalars(query.order_by(WeakValue.count.desc(), WeakValue.key).limit(limit + 1)).all()
    parted = ((row.key.partition(":"), row) for row in rows[:limit])
    found = [Shared(kind, value, row.reason, row.count) for (kind, _, value), row in parted]
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(found, paging.encode(last.count, last.key) if last else None)


def _cursor(edge: Edge) -> str:
    return paging.encode(repr(edge.weight), edge.left_id, edge.right_id)


def _beyond(cursor: str) -> ColumnElement[bool]:
    """Edges after the one a page ended with. Raises BadCursor."""
    if not cursor:
        return Edge.left_id.is_not(None)
    text, left, right = paging.decode(cursor, str, int, int)
    weight = _number(str(text))
    rest: Any = tuple_(Edge.left_id, Edge.right_id) > tuple_(left, right)
    return or_(Edge.weight < weight, and_(Edge.weight == weight, rest))


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise paging.BadCursor from None
    if not math.isfinite(number):
        raise paging.BadCursor
    return number
