"""Orders the customers found: how well each fragment matched, by what, and who was seen last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crm360.profiles.search_fragments import Fragment
from crm360.profiles.search_terms import TAILS

_WHOLE, _BEGINNING, _ENDING, _MISSPELT, _SLIP = 3.0, 2.0, 1.8, 1.0, 0.2
#: Among equally good matches, what people most likely meant.
_LIKELY = {"name": 5, "order": 4, "card": 4, "phone": 4, "id": 3, "email": 3, "company": 2, "city": 1}


class Found(Protocol):
    """A term of a contact of a profile."""

    @property
    def profile_id(self) -> int: ...
    @property
    def contact_id(self) -> int: ...
    @property
    def last_seen_at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def term(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Match:
    """The best match of one fragment. `part` is what of `term` to make bold; a `term` is never reversed here."""

    kind: str
    term: str
    part: str
    contact_id: int
    quality: float

    @property
    def likely(self) -> int:
        return _LIKELY.get(self.kind, 0)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A profile all fragments matched, with its match per fragment."""

    profile_id: int
    matches: tuple[Match, ...]
    last_seen_at: datetime


def rank(found: Iterable[Found], fragments: Sequence[Fragment]) -> list[Ranked]:
    """Profiles that every fragment matches, the best first; never two in an arbitrary order."""
    by_profile: dict[int, list[Found]] = defaultdict(list)
    for each in found:
        by_profile[each.profile_id].append(each)
    ranked = [
        Ranked(profile_id, tuple(matches), max(row.last_seen_at for row in rows))
        for profile_id, rows in by_profile.items()
        if len(matches := _best(rows, fragments)) == len(fragments)
    ]
    return sorted(ranked, key=_key, reverse=True)


def match(found: Found, fragment: Fragment) -> Match | None:
    """How a fragment matches a term, if it does."""
    kind = TAILS.get(found.kind)
    if kind:
        ending = next((ending for ending in fragment.endings if found.term.startswith(ending)), None)
        quality = _WHOLE if ending == found.term else _ENDING
        return Match(kind, found.term[::-1], ending[::-1], found.contact_id, quality) if ending else None
    for prefix in (*fragment.prefixes, *fragment.numbers):
        if found.term == prefix:
            return Match(found.kind, found.term, prefix, found.contact_id, _WHOLE)
        if found.term.startswith(prefix) and prefix in fragment.prefixes:
            return Match(found.kind, found.term, prefix, found.contact_id, _BEGINNING)
    for word, slips in fragment.corrections:
        if found.term == word:
            return Match(found.kind, found.term, word, found.contact_id, _MISSPELT - _SLIP * slips)
    return None


def _best(rows: Sequence[Found], fragments: Sequence[Fragment]) -> list[Match]:
    best = []
    for fragment in fragments:
        matches = [found for row in rows if (found := match(row, fragment))]
        if matches:
            best.append(max(matches, key=lambda m: (m.quality, m.likely, m.kind, m.term, m.contact_id)))
    return best


def _key(ranked: Ranked) -> tuple[float, int, datetime, int]:
    quality = sum(each.quality for each in ranked.matches)
    return quality, sum(each.likely for each in ranked.matches), ranked.last_seen_at, ranked.profile_id
