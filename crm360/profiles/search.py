"""Finds a customer by whatever a person remembers: part of a name, address, number, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from crm360.identity.models import ContactIdentifier
from crm360.kernel.db import db
from crm360.normalise.phone import national
from crm360.profiles import composing, naming, search_candidates, search_fragments, search_ranking, waiting_index
from crm360.profiles.models import GoldenRecord
from crm360.profiles.search_candidates import Keep
from crm360.profiles.search_fragments import Fragment
from crm360.profiles.search_highlight import Span, spans
from crm360.profiles.search_index import add_terms
from crm360.profiles.search_ranking import Match, Ranked
from crm360.profiles.search_terms import compact

__all__ = ["Hit", "add_terms", "find"]

MOST_HITS = 100
#: With fewer hits than these the next reading of the query, and then misspellings, are tried too.
_ENOUGH = 5
#: Kind of match → kinds of identifiers it may have come from.
_SHOWN_AS_WRITTEN = {
    "email": ("email",),
    "phone": ("phone",),
    "card": ("card",),
    "id": ("customer_id", "chat_id", "tax_id"),
}
#: Of several fragments so many customers are compared at least, however few are asked for.
_RANKED_AT_LEAST = 40
_Shown = dict[int, list[tuple[str, str]]]

_RECORDS = select(GoldenRecord.profile_id, GoldenRecord.display_name, GoldenRecord.city).where(
    GoldenRecord.profile_id.in_(bindparam("ids", expanding=True))
)
_IDENTIFIERS = (
    select(ContactIdentifier.contact_id, ContactIdentifier.kind, ContactIdentifier.value, ContactIdentifier.normal)
    .where(ContactIdentifier.contact_id.in_(bindparam("ids", expanding=True)))
    .order_by(ContactIdentifier.id)
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A customer found and why: `matched_kind` (name, company, city, email, phone, card, order, id), the text that
    matched as people write it, and where in it (start, end) the fragments stand; `name_fragments`: where in the name.
    """

    profile_id: int
    display_name: str
    city: str
    matched_kind: str
    matched_text: str
    matched_fragments: tuple[Span, ...]
    name_fragments: tuple[Span, ...]


def find(*, query: str, limit: int = 20, keep: Keep | None = None) -> list[Hit]:
    """Customers matching every fragment of the query, the best first; nothing for an empty query.

    `keep` narrows them: given ids of profiles, it answers which of them may be found.

    Fragments may be the beginning of any word of a name, company, town or address, a misspelt word, the beginning or
    end (three digits or more) of a phone, card, order number or customer id in any notation.
    """
    limit = max(1, min(limit, MOST_HITS))
    most = min(search_candidates.MOST_PROFILES, max(_RANKED_AT_LEAST, 2 * limit))
    return _hits(_ranked(search_fragments.interpretations(query), most, keep)[:limit])


def _ranked(readings: Sequence[tuple[Fragment, ...]], most: int, keep: Keep | None) -> list[Ranked]:
    found: dict[int, Ranked] = {}
    for reading in readings:
        found = _more(found, reading, most, keep)
        if len(found) >= _ENOUGH:
            return list(found.values())
    for reading in readings:
        corrected = _corrected(reading)
        if corrected != reading:
            found = _more(found, corrected, most, keep)
            if len(found) >= _ENOUGH:
                break
    return list(found.values())


def _more(found: dict[int, Ranked], reading: tuple[Fragment, ...], most: int, keep: Keep | None) -> dict[int, Ranked]:
    """What an earlier reading found stays ahead of what a later one adds."""
    waiting = waiting_index.matching(reading)
    if keep is not None and waiting:
        kept = keep({each.profile_id for each in waiting})
        waiting = [each for each in waiting if each.profile_id in kept]
    matching = search_candidates.matching(reading, most=most, keep=keep) + waiting
    ranked = search_ranking.rank(matching, reading)
    return {**found, **{each.profile_id: each for each in ranked if each.profile_id not in found}}


def _corrected(reading: tuple[Fragment, ...]) -> tuple[Fragment, ...]:
    return tuple(
        fragment.corrected(search_candidates.near(fragment.misspellable)) if fragment.misspellable else fragment
        for fragment in reading
    )


def _hits(ranked: Sequence[Ranked]) -> list[Hit]:
    if not ranked:
        return []
    found = db.session.execute(_RECORDS, {"ids": [each.profile_id for each in ranked]})
    records = {row.profile_id: (row.display_name, row.city) for row in found}
    missing = [each.profile_id for each in ranked if each.profile_id not in records]
    records |= {number: (record.display_name, record.city) for number, record in composing.records(missing).items()}
    matches = (match for each in ranked for match in each.matches)
    shown = _identifiers(sorted({match.contact_id for match in matches if match.kind in _SHOWN_AS_WRITTEN}))
    return [_hit(each, records.get(each.profile_id), shown) for each in ranked]


def _identifiers(contact_ids: list[int]) -> _Shown:
    """Kind and text as people write it, by contact."""
    found: _Shown = {}
    for row in db.session.execute(_IDENTIFIERS, {"ids": contact_ids}) if contact_ids else ():
        text = national(row.normal) if row.kind == "phone" else row.value
        found.setdefault(row.contact_id, []).append((row.kind, text))
    return found


def _hit(ranked: Ranked, record: tuple[str, str] | None, shown: _Shown) -> Hit:
    name, city = record or (naming.display_name({}, profile_id=ranked.profile_id), "")
    in_name = spans(name, (match.part for match in ranked.matches if match.kind in ("name", "company")))
    telling = min(ranked.matches, key=lambda match: (match.kind == "name", match.kind == "city", -match.quality))
    text = _as_written(telling, name, shown)
    parts = [match.part for match in ranked.matches if match.kind == telling.kind]
    at_end = telling.term.endswith(telling.part) and not telling.term.startswith(telling.part)
    return Hit(ranked.profile_id, name, city, telling.kind, text, spans(text, parts, at_end=at_end), in_name)


def _as_written(match: Match, name: str, shown: _Shown) -> str:
    """The text of which the index holds a folded piece; the piece itself where nothing better is known."""
    if match.kind in ("name", "company") and spans(name, [match.part]):
        return name
    for kind, value in shown.get(match.contact_id, ()):
        if kind in _SHOWN_AS_WRITTEN.get(match.kind, ()) and compact(match.term) in compact(value):
            return value
    return match.term.upper() if match.kind in ("order", "card", "id") else match.term
