"""Asks the index which customers match every fragment, reading a bounded number of rows whatever is typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.profiles import search_spelling
from crm360.profiles.models import SearchTerm, SearchVariant
from crm360.profiles.search_fragments import Fragment
from crm360.profiles.search_terms import TAILS

#: Rows read of one fragment alone, and of the most selective of several before the others are asked.
MOST_OF_ONE = 400
MOST_OF_SEVERAL = 4000
MOST_PROFILES = 100
_MOST_WORDS = 2000
_MOST_CORRECTIONS = 40
_SOUND_ALIKE_SLIPS = 1
_HIGHEST = "\U0010ffff"


class Found(NamedTuple):
    """A term of a contact of a profile that matches a fragment."""

    profile_id: int
    contact_id: int
    last_seen_at: datetime
    kind: str
    term: str


def matching(fragments: Sequence[Fragment]) -> list[Found]:
    """Matches of profiles of which every fragment matches some contact; of most profiles every match."""
    if len(fragments) == 1:
        return _rows(_first(fragments[0], MOST_OF_ONE), [], MOST_OF_ONE)
    driver, *others = _most_selective_first(fragments)
    candidates = _rows(_first(driver, MOST_OF_SEVERAL), others, MOST_OF_ONE)
    profile_ids = list(dict.fromkeys(found.profile_id for found in candidates))[:MOST_PROFILES]
    return _all_matches(profile_ids, fragments) if profile_ids else []


def near(word: str) -> dict[str, int]:
    """Indexed words that `word` may be a misspelt beginning of → slips, the nearest first."""
    spelt = select(SearchVariant.word).where(SearchVariant.variant.in_(search_spelling.deletions(word)))
    sound = search_spelling.sound(word)
    alike = select(SearchVariant.word).where(_between(SearchVariant.variant, sound)).limit(_MOST_CORRECTIONS)
    found = {each: search_spelling.distance(word, each) for each in db.session.scalars(spelt.limit(_MOST_WORDS))}
    near_by = {each: slips for each, slips in found.items() if slips is not None}
    near_by = dict.fromkeys(db.session.scalars(alike), _SOUND_ALIKE_SLIPS) | near_by
    ordered = sorted(near_by.items(), key=lambda item: (item[1], abs(len(item[0]) - len(word)), item[0]))
    return dict(ordered[:_MOST_CORRECTIONS])


def _most_selective_first(fragments: Sequence[Fragment]) -> list[Fragment]:
    counts = [
        select(func.count()).select_from(_first(fragment, MOST_OF_SEVERAL).subquery()).scalar_subquery()
        for fragment in fragments
    ]
    found = db.session.execute(select(*counts)).one()
    order = sorted(range(len(fragments)), key=lambda place: (found[place], place))
    return [fragments[place] for place in order]


def _first(fragment: Fragment, limit: int) -> Select[Any]:
    """The fragment's first matches in the order of the index: whole words before longer ones.

    Each way to match is a range of the index read on its own, so none is read further than the limit.
    """
    columns = (SearchTerm.contact_id, SearchTerm.kind, SearchTerm.term)
    ways = [select(*columns).where(way).limit(limit).subquery() for way in _ways(fragment, SearchTerm)]
    parts = [select(way.c.contact_id, way.c.kind, way.c.term) for way in ways]
    together = union_all(*parts).subquery() if len(parts) > 1 else parts[0].subquery()
    return select(together.c.contact_id, together.c.kind, together.c.term).limit(limit)


def _rows(first: Select[Any], others: Sequence[Fragment], limit: int) -> list[Found]:
    term = first.subquery()
    columns = (Contact.profile_id, Contact.id, Contact.last_seen_at, term.c.kind, term.c.term)
    statement = select(*columns).join(term, term.c.contact_id == Contact.id)
    statement = statement.where(Contact.profile_id.is_not(None), *map(_somewhere, others))
    return [Found(*row) for row in db.session.execute(statement.limit(limit))]


def _somewhere(fragment: Fragment) -> ColumnElement[bool]:
    """Whether any contact of the candidate's profile matches the fragment."""
    sibling, term = aliased(Contact), aliased(SearchTerm)
    matched = select(literal(1)).join(sibling, sibling.id == term.contact_id).select_from(term)
    matched = matched.where(sibling.profile_id == Contact.profile_id, or_(*_ways(fragment, term)))
    return matched.correlate(Contact).exists()


def _all_matches(profile_ids: list[int], fragments: Sequence[Fragment]) -> list[Found]:
    columns = (Contact.profile_id, Contact.id, Contact.last_seen_at, SearchTerm.kind, SearchTerm.term)
    statement = select(*columns).join(SearchTerm, SearchTerm.contact_id == Contact.id)
    ways = [way for fragment in fragments for way in _ways(fragment, SearchTerm)]
    return [Found(*row) for row in db.session.execute(statement.where(Contact.profile_id.in_(profile_ids), or_(*ways)))]


def _ways(fragment: Fragment, term: type[SearchTerm]) -> list[ColumnElement[bool]]:
    forward, reverse = term.kind.not_in(list(TAILS)), term.kind.in_(list(TAILS))
    ways = [and_(_between(term.term, prefix), forward) for prefix in fragment.prefixes]
    ways += [and_(_between(term.term, ending), reverse) for ending in fragment.endings]
    if fragment.numbers:
        ways.append(and_(term.term.in_(fragment.numbers), term.kind.in_(("order", "id"))))
    if fragment.corrections:
        ways.append(and_(term.term.in_([word for word, _ in fragment.corrections]), forward))
    return ways


def _between(column: Any, prefix: str) -> ColumnElement[bool]:
    """Texts that begin with the prefix, as a range the index can be read by (it is ordered by bytes)."""
    return and_(column >= prefix, column < prefix + _HIGHEST)
