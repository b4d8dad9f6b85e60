"""Writes the search index: terms by which a contact is found, and misspellings by which a word is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.profiles import search_terms
from crm360.profiles.models import SearchTerm

_TERM_KEYS = ["term", "kind", "contact_id"]


def add_terms(*, terms: Sequence[tuple[int, str, str]]) -> None:
    """Make contacts findable by more: (contact id, kind, text as written). Known ones are left alone.

    Kinds as identifiers have them, and "order" for any number of a purchase document.
    """
    write(
        (contact_id, kind, term)
        for contact_id, asked, raw in terms
        for kind, term in search_terms.of_identifier(asked, raw, raw)
    )


def write(terms: Iterable[tuple[int, str, str]]) -> None:
    """Insert (contact id, kind, term) rows that are not there yet."""
    rows: list[dict[str, Any]] = [
        {"term": term, "kind": kind, "contact_id": contact_id} for contact_id, kind, term in sorted(set(terms))
    ]
    dialects.insert_new(db.session, SearchTerm.__table__, rows, _TERM_KEYS)  # type: ignore[arg-type]
