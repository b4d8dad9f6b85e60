"""Finds contacts that wait to be resolved, by the terms the search index will have of them.

Written in segments, one per batch, each sorted and never touched again: a batch costs the same whatever came before it.
A search looks into each segment; there are some dozens at most, and none most of the time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import delete, exists, func, select

from crm360.identity import unresolved
from crm360.identity.models import Unresolved
from crm360.kernel import bulk
from crm360.kernel.db import db, table_of
from crm360.profiles import search_sql
from crm360.profiles.models import WaitingTerm
from crm360.profiles.search_candidates import Found
from crm360.profiles.search_fragments import Fragment
from crm360.profiles.search_terms import Term

_MOST = 200


class Sorted(NamedTuple):
    """Terms column by column, in the order of term, kind and contact."""

    term: Sequence[str]
    kind: Sequence[str]
    contact_id: Sequence[int]


def put(wanted: Mapping[int, Collection[Term]], many: Sorted) -> None:
    """Make contacts findable by (kind, term) pairs, each once, until they are resolved; `many`: those of others."""
    rows = [(term, kind, contact_id) for contact_id, terms in wanted.items() for kind, term in terms]
    if rows:
        many = Sorted(*zip(*sorted([*rows, *zip(*many, strict=True)]), strict=True))
    segment = (db.session.scalar(select(func.max(WaitingTerm.segment))) or 0) + 1
    bulk.insert_columns(db.session, table_of(WaitingTerm), many._asdict(), {"segment": segment})


def drop_settled() -> None:
    """Drop the oldest segment when none of its contacts waits any more; all of them when nobody does."""
    if not unresolved.oldest(1):
        db.session.execute(delete(WaitingTerm))
    elif first := next(_segments(), None):
        waits = exists().where(WaitingTerm.segment == first, Unresolved.contact_id == WaitingTerm.contact_id)
        if not db.session.scalar(select(waits)):
            db.session.execute(delete(WaitingTerm).where(WaitingTerm.segment == first))


def matching(fragments: Sequence[Fragment]) -> list[Found]:
    """Matches of waiting contacts that match every fragment by themselves, some hundred at most."""
    found: list[Found] = []
    for segment in _segments():
        statement, bound = search_sql.waiting(segment, fragments, kept=_MOST)
        found += [Found(*row) for row in db.session.execute(statement, bound)]
        if len(found) >= _MOST:
            break
    return found


def _segments() -> Iterator[int]:
    """Each segment there is, without reading it."""
    at = 0
    while (
        found := db.session.scalar(select(func.min(WaitingTerm.segment)).where(WaitingTerm.segment > at))
    ) is not None:
        yield found
        at = found
