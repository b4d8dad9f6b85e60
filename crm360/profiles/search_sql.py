"""The statements of the search as text.

A fragment of this size is answered in a tenth of a millisecond, and building the same statement from expressions took
fifty times that. Only the number of fragments and of their spellings shapes a statement; all that was typed is bound.
"""

# ruff: noqa: S608 (no value is ever written into a statement: see Query.bind)

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, String, TextClause, text
from sqlalchemy.sql.selectable import TextualSelect

from crm360.kernel.db import UtcDateTime
from crm360.profiles.search_fragments import Fragment
from crm360.profiles.search_terms import TAILS

HIGHEST = "\U0010ffff"
_REVERSED = ", ".join(f"'{kind}'" for kind in TAILS)
_OF_SEVERAL = "EXISTS (SELECT 1 FROM identity_contact c3 WHERE c3.profile_id = c.profile_id AND c3.id <> c.id)"
_FOUND = "c.profile_id, c.id AS contact_id, c.last_seen_at, t.kind, t.term"


class Query:
    """Collects what is bound while the text of one statement is put together."""

    def __init__(self) -> None:
        self.bound: dict[str, Any] = {}

    def bind(self, value: Any) -> str:
        """A placeholder for the value."""
        name = f"v{len(self.bound)}"
        self.bound[name] = value
        return f":{name}"

    def ways(self, fragment: Fragment, alias: str) -> list[str]:
        """Conditions on a term, each one range of the index (which is ordered by bytes)."""
        ways = [f"{self._between(prefix, alias)} AND {alias}.kind NOT IN ({_REVERSED})" for prefix in fragment.prefixes]
        ways += [f"{self._between(ending, alias)} AND {alias}.kind IN ({_REVERSED})" for ending in fragment.endings]
        ways += [
            f"{alias}.term = {self.bind(number)} AND {alias}.kind IN ('order', 'id')" for number in fragment.numbers
        ]
        if fragment.corrections:
            words = ", ".join(self.bind(word) for word, _ in fragment.corrections)
            ways.append(f"{alias}.term IN ({words}) AND {alias}.kind NOT IN ({_REVERSED})")
        return [f"({way})" for way in ways]

    def first(self, fragment: Fragment, limit: int) -> str:
        """A fragment's first matches in the order of the index: whole words before longer ones.

        Each way to match is read on its own, so none is read further than the limit.
        """
        columns = "SELECT s.contact_id, s.kind, s.term FROM profiles_search_term s WHERE"
        order = f"ORDER BY s.term, s.kind, s.contact_id LIMIT {limit:d}"
        parts = [f"{columns} {way} {order}" for way in self.ways(fragment, "s")]
        return " UNION ALL ".join(f"SELECT * FROM ({part}) AS p{place}" for place, part in enumerate(parts))

    def beside(self, fragment: Fragment) -> str:
        """Whether the candidate contact itself matches the fragment: one look into the index of its terms."""
        ways = " OR ".join(self.ways(fragment, "t2"))
        return f"EXISTS (SELECT 1 FROM profiles_search_term t2 WHERE t2.contact_id = t.contact_id AND ({ways}))"

    def somewhere(self, fragment: Fragment) -> str:
        """Whether any contact of the candidate's profile matches the fragment."""
        return (
            "EXISTS (SELECT 1 FROM identity_contact c2 JOIN profiles_search_term t2 ON t2.contact_id = c2.id"
            f" WHERE c2.profile_id = c.profile_id AND ({' OR '.join(self.ways(fragment, 't2'))}))"
        )

    def _between(self, prefix: str, alias: str) -> str:
        return f"{alias}.term >= {self.bind(prefix)} AND {alias}.term < {self.bind(prefix + HIGHEST)}"


def sizes(fragments: Sequence[Fragment], limit: int) -> tuple[TextClause, dict[str, Any]]:
    """How many matches each fragment has, counted up to a limit."""
    query = Query()
    counts = (f"(SELECT count(*) FROM ({query.first(each, limit)}) AS f)" for each in fragments)
    return _plain("SELECT " + ", ".join(counts)), query.bound


def candidates(
    driver: Fragment, others: Iterable[Fragment], *, read: int, kept: int, of_several: bool = False
) -> tuple[TextualSelect, dict[str, Any]]:
    """Matches of a fragment, of profiles that all the others match too; `of_several`: contacts, of one nobody is looked at."""
    query = Query()
    asked = [_OF_SEVERAL] if of_several else []
    statement = (
        f"SELECT {_FOUND} FROM ({query.first(driver, read)}) AS t JOIN identity_contact c ON c.id = t.contact_id"
        f" WHERE {' AND '.join(['c.profile_id IS NOT NULL', *asked, *map(query.somewhere, others)])} LIMIT {kept:d}"
    )
    return _found(statement), query.bound


def contacts(
    driver: Fragment, others: Iterable[Fragment], *, read: int, kept: int
) -> tuple[TextClause, dict[str, Any]]:
    """Contacts that match every fragment by themselves; reading stops as soon as enough are found."""
    query = Query()
    statement = (
        f"SELECT t.contact_id FROM ({query.first(driver, read)}) AS t"
        f" WHERE {' AND '.join(map(query.beside, others))} LIMIT {kept:d}"
    )
    return _plain(statement), query.bound


def matches_of(profile_ids: Iterable[int], fragments: Iterable[Fragment]) -> tuple[TextualSelect, dict[str, Any]]:
    """Every match of some profiles."""
    query = Query()
    numbers = ", ".join(map(query.bind, profile_ids))
    ways = " OR ".join(way for fragment in fragments for way in query.ways(fragment, "t"))
    statement = (
        f"SELECT {_FOUND} FROM identity_contact c JOIN profiles_search_term t ON t.contact_id = c.id"
        f" WHERE c.profile_id IN ({numbers}) AND ({ways})"
    )
    return _found(statement), query.bound


def waiting(segment: int, fragments: Sequence[Fragment], *, kept: int) -> tuple[TextualSelect, dict[str, Any]]:
    """Matches of contacts of a segment of the waiting index that match every fragment."""
    query = Query()
    of = f"w.segment = {query.bind(segment)}"
    matching = [
        f"SELECT w.contact_id FROM profiles_waiting_term w WHERE {of} AND ({' OR '.join(query.ways(each, 'w'))})"
        for each in fragments
    ]
    ways = " OR ".join(way for fragment in fragments for way in query.ways(fragment, "t"))
    several = " INTERSECT ".join(matching)
    statement = (
        f"SELECT {_FOUND} FROM (SELECT contact_id FROM ({several}) AS m ORDER BY contact_id DESC LIMIT {kept:d}) AS few"
        f" JOIN identity_contact c ON c.id = few.contact_id"
        f" JOIN profiles_waiting_term t ON t.contact_id = c.id AND t.segment = {query.bind(segment)}"
        f" WHERE c.profile_id IS NOT NULL AND ({ways}) LIMIT {4 * kept:d}"
    )
    return _found(statement), query.bound


@lru_cache(maxsize=256)
def _plain(statement: str) -> TextClause:
    return text(statement)


@lru_cache(maxsize=512)
def _found(statement: str) -> TextualSelect:
    columns = {
        "profile_id": Integer,
        "contact_id": Integer,
        "last_seen_at": UtcDateTime,
        "kind": String,
        "term": String,
    }
    return text(statement).columns(**columns)
