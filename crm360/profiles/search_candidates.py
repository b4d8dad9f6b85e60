"""Asks the index which customers match every fragment, reading a bounded number of rows whatever is typed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.profiles import search_spelling, search_sql
from crm360.profiles.models import SearchVariant
from crm360.profiles.search_fragments import Fragment

#: Rows read of one fragment alone, and of the most selective of several before the others are asked.
MOST_OF_ONE = 400
MOST_OF_SEVERAL = 2000
MOST_PROFILES = 100
#: Rows read of a fragment when those it matches are narrowed by something else.
MOST_NARROWED = 5000
#: With fewer customers than these, those are looked for too of whom one contact says this and another that.
_FEW = 10
_MOST_WORDS = 2000
_MOST_CORRECTIONS = 40
_SOUND_ALIKE_SLIPS = 1

_SPELT = (
    select(SearchVariant.word)
    .where(SearchVariant.variant.in_(bindparam("variants", expanding=True)))
    .limit(_MOST_WORDS)
)
_PROFILES = select(Contact.profile_id).where(
    Contact.id.in_(bindparam("ids", expanding=True)), Contact.profile_id.is_not(None)
)
_ALIKE = (
    select(SearchVariant.word)
    .where(SearchVariant.variant >= bindparam("low"), SearchVariant.variant < bindparam("high"))
    .limit(_MOST_CORRECTIONS)
)


#: Of some profiles those that fit something else.
Keep = Callable[[Collection[int]], Collection[int]]


class Found(NamedTuple):
    """A term of a contact of a profile that matches a fragment."""

    profile_id: int
    contact_id: int
    last_seen_at: datetime
    kind: str
    term: str


def matching(fragments: Sequence[Fragment], *, most: int = MOST_PROFILES, keep: Keep | None = None) -> list[Found]:
    """Matches of profiles (of several fragments: at most `most`) of which every fragment matches some contact.

    `keep` says which of many it may be; then it is at most `most` of one fragment, too.
    """
    if keep is not None:
        return _narrowed(fragments, most, keep)
    if len(fragments) == 1:
        return _rows(search_sql.candidates(fragments[0], (), read=MOST_OF_ONE, kept=MOST_OF_ONE))
    driver, *others = _most_selective_first(fragments)
    profile_ids = _by_contact(driver, others, most)
    if len(set(profile_ids)) < _FEW:
        # those of one contact have just been found
        asked = search_sql.candidates(driver, others, read=MOST_OF_SEVERAL, kept=2 * MOST_PROFILES, of_several=True)
        profile_ids += [found.profile_id for found in _rows(asked)]
    return _matches_of(profile_ids, fragments, most)


def _narrowed(fragments: Sequence[Fragment], most: int, keep: Keep) -> list[Found]:
    driver, *others = _most_selective_first(fragments) if len(fragments) > 1 else fragments
    rows = _rows(search_sql.candidates(driver, others, read=MOST_NARROWED, kept=MOST_NARROWED))
    found = [each.profile_id for each in rows]
    kept = keep(set(found)) if found else ()
    return _matches_of([each for each in found if each in kept], fragments, most)


def _matches_of(profile_ids: Sequence[int], fragments: Sequence[Fragment], most: int) -> list[Found]:
    """Every match of the first of some profiles."""
    first = list(dict.fromkeys(profile_ids))[:most]
    return _rows(search_sql.matches_of(first, fragments)) if first else []


def _by_contact(driver: Fragment, others: Sequence[Fragment], most: int) -> list[int]:
    """Profiles of which one contact alone matches everything: mostly so, and found without asking who is who."""
    statement, bound = search_sql.contacts(driver, others, read=MOST_OF_SEVERAL, kept=most)
    contact_ids = list(dict.fromkeys(db.session.scalars(statement, bound)))
    return list(db.session.scalars(_PROFILES, {"ids": contact_ids})) if contact_ids else []


def near(word: str) -> dict[str, int]:
    """Indexed words that `word` may be a misspelt beginning of → slips, the nearest first."""
    spelt = db.session.scalars(_SPELT, {"variants": sorted(search_spelling.deletions(word))})
    found = {each: search_spelling.distance(word, each) for each in spelt}
    near_by = {each: slips for each, slips in found.items() if slips is not None}
    sound = search_spelling.sound(word)
    alike = db.session.scalars(_ALIKE, {"low": sound, "high": sound + search_sql.HIGHEST})
    near_by = dict.fromkeys(alike, _SOUND_ALIKE_SLIPS) | near_by
    ordered = sorted(near_by.items(), key=lambda item: (item[1], abs(len(item[0]) - len(word)), item[0]))
    return dict(ordered[:_MOST_CORRECTIONS])


def _most_selective_first(fragments: Sequence[Fragment]) -> list[Fragment]:
    statement, bound = search_sql.sizes(fragments, MOST_OF_SEVERAL)
    found = db.session.execute(statement, bound).one()
    order = sorted(range(len(fragments)), key=lambda place: (found[place], place))
    return [fragments[place] for place in order]


def _rows(asked: tuple[Any, dict[str, Any]]) -> list[Found]:
    statement, bound = asked
    return [Found(*row) for row in db.session.execute(statement, bound)]
