"""Writes the search index: terms by which a contact is found, and misspellings by which a word is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from sqlalchemy import delete, select, tuple_

from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.profiles import search_spelling, search_terms
from crm360.profiles.models import SearchTerm, SearchVariant
from crm360.profiles.search_terms import Term

_BATCH = 500
#: Kinds of terms other rooms add; a contact's own fields say nothing of them.
_ADDED = ("order", "order_tail")
_SPELT = frozenset({"name", "company", "city"})


def add_terms(*, terms: Sequence[tuple[int, str, str]]) -> None:
    """Make contacts findable by more: (contact id, kind, text as written). Known ones are left alone.

    Kinds as identifiers have them, and "order" for any number of a purchase document.
    """
    _insert(
        (contact_id, kind, term)
        for contact_id, asked, raw in terms
        for kind, term in search_terms.of_identifier(asked, raw, raw)
    )


def set_terms(wanted: Mapping[int, Set[Term]]) -> None:
    """Give contacts exactly these (kind, term) pairs, besides what other rooms added; writes only what differs."""
    present = _present(list(wanted))
    gone = [
        (contact_id, kind, term)
        for contact_id, terms in present.items()
        for kind, term in terms - wanted.get(contact_id, frozenset())
    ]
    new = [
        (contact_id, kind, term)
        for contact_id, terms in wanted.items()
        for kind, term in terms - present.get(contact_id, frozenset())
    ]
    _insert(new)
    _learn({term for _, kind, term in new if kind in _SPELT})
    _delete(gone)


def forget(contact_ids: Sequence[int]) -> None:
    """Drop every term of these contacts, other rooms' included, and the misspellings of words nobody else has.

    Reads all misspellings: an erasure is rare, and must not depend on how they were once computed.
    """
    for batch in _batches(contact_ids):
        theirs = delete(SearchTerm).where(SearchTerm.contact_id.in_(batch))
        gone = set(db.session.scalars(theirs.returning(SearchTerm.term)))
        held = select(SearchTerm.term).where(SearchTerm.term.in_(gone), SearchTerm.kind.in_(_SPELT))
        unheld = gone - set(db.session.scalars(held))
        db.session.execute(delete(SearchVariant).where(SearchVariant.word.in_(unheld)))


def _present(contact_ids: Sequence[int]) -> dict[int, set[Term]]:
    found: dict[int, set[Term]] = {}
    columns = select(SearchTerm.contact_id, SearchTerm.kind, SearchTerm.term)
    for batch in _batches(contact_ids):
        statement = columns.where(SearchTerm.contact_id.in_(batch), SearchTerm.kind.not_in(_ADDED))
        for contact_id, kind, term in db.session.execute(statement):
            found.setdefault(contact_id, set()).add((kind, term))
    return found


def _insert(terms: Iterable[tuple[int, str, str]]) -> None:
    """Rows in the order of the key: neighbours in the index are written together."""
    ordered = sorted({(term, kind, contact_id) for contact_id, kind, term in terms})
    rows: list[dict[str, Any]] = [{"term": term, "kind": kind, "contact_id": number} for term, kind, number in ordered]
    dialects.insert_new(db.session, SearchTerm.__table__, rows, ["term", "kind", "contact_id"])


def _delete(terms: Sequence[tuple[int, str, str]]) -> None:
    for batch in _batches(terms):
        keys = tuple_(SearchTerm.contact_id, SearchTerm.kind, SearchTerm.term)
        db.session.execute(delete(SearchTerm).where(keys.in_(batch)))
    _unlearn({term for _, kind, term in terms if kind in _SPELT})


def _learn(words: Iterable[str]) -> None:
    """Keep the misspellings of words not met before."""
    met = sorted(filter(search_spelling.is_indexed, words))
    for batch in _batches(met):
        sounds = {search_spelling.sound(word) for word in batch}
        known = select(SearchVariant.word).where(SearchVariant.variant.in_(sounds), SearchVariant.word.in_(batch))
        new = set(batch) - set(db.session.scalars(known))
        rows = [{"variant": variant, "word": word} for word in new for variant in search_spelling.variants(word)]
        rows.sort(key=lambda row: (row["variant"], row["word"]))
        dialects.insert_new(db.session, SearchVariant.__table__, rows, ["variant", "word"])


def _unlearn(words: Iterable[str]) -> None:
    """Drop misspellings of words that no contact has any more: a name must not outlive its bearer here."""
    for batch in _batches(sorted(filter(search_spelling.is_indexed, words))):
        held = select(SearchTerm.term).where(SearchTerm.term.in_(batch), SearchTerm.kind.in_(_SPELT))
        for word in set(batch) - set(db.session.scalars(held)):
            spelt = SearchVariant.variant.in_(search_spelling.variants(word))
            db.session.execute(delete(SearchVariant).where(spelt, SearchVariant.word == word))


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
