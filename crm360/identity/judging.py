"""Pairs worth comparing → edges: the evidence kept for every pair at or above the review threshold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, select, union

from crm360.identity import blocking, comparing, partition, scoring, weakness, whole
from crm360.identity.models import BlockingKey, Contact, Edge
from crm360.kernel import bulk
from crm360.kernel.db import db, table_of
from crm360.kernel.dialects import Among

_FORMS = select(Contact.id, Contact.compared).where(Among(Contact.id))
_MEMBERS = select(BlockingKey.key, BlockingKey.contact_id).where(Among(BlockingKey.key))
# Each end by its own index: SQLite reads the whole table for an OR of the two.
_ENDS = (Among(Edge.left_id), Among(Edge.right_id))
_EDGES = union(*(select(Edge.left_id, Edge.right_id).where(end) for end in _ENDS))
_DROPS = tuple(delete(Edge).where(end).execution_options(synchronize_session=False) for end in _ENDS)


class Forms(dict[int, Mapping[str, Any]]):
    """Compared forms by contact, read once, with their blocking keys worked out once."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: dict[int, frozenset[str]] = {}

    def load(self, contact_ids: Iterable[int]) -> None:
        """Add the forms of contacts not here yet."""
        missing = set(contact_ids) - self.keys()
        if missing:
            self.update((contact, compared) for contact, compared in db.session.execute(_FORMS, {"values": missing}))

    def blocking_keys(self, contact_ids: Iterable[int]) -> set[str]:
        """Every blocking key of contacts that were loaded."""
        found: set[str] = set()
        for contact in contact_ids:
            if contact not in self._keys:
                self._keys[contact] = blocking.keys(self[contact])
            found |= self._keys[contact]
        return found


def judge(dirty: set[int], forms: Forms) -> set[int]:
    """Compare `dirty` contacts with all they share a live key with and replace their edges; returns who is at the ends."""
    forms.load(dirty)
    model = scoring.current_model()
    keys = forms.blocking_keys(dirty)
    weak = frozenset(weakness.known_weak(keys))
    pairs = _candidates(dirty, keys - weak)
    forms.load(contact for pair in pairs for contact in pair)
    rows: list[dict[str, Any]] = []
    for left, right in pairs:
        score = scoring.score(comparing.compare(forms[left], forms[right], comparing.by_kind(weak)), model)
        if score.weight >= model.review:
            rows.append({"left_id": left, "right_id": right, "weight": score.weight, "evidence": score.as_json(),
                         "model": model.name})  # fmt: skip
    ends = _drop_edges(dirty)
    bulk.insert_rows(db.session, table_of(Edge), rows)
    return ends | {int(contact) for row in rows for contact in (row["left_id"], row["right_id"])}


def opinion_of(forms: Forms, contact_ids: set[int]) -> partition.Opinion:
    """What is known of any pair among `contact_ids`, for the clustering."""
    forms.load(contact_ids)
    weak = frozenset(weakness.known_weak(forms.blocking_keys(contact_ids)))
    return whole.opinion(forms, weak, scoring.current_model())


def _candidates(dirty: set[int], live_keys: set[str]) -> list[tuple[int, int]]:
    if not live_keys:
        return []
    members: dict[str, list[int]] = {}
    for key, contact in db.session.execute(_MEMBERS, {"values": live_keys}):
        members.setdefault(key, []).append(contact)
    return sorted({
        (min(one, other), max(one, other))
        for block in members.values()
        for one in dirty.intersection(block)
        for other in block
        if one != other
    })  # fmt: skip


def _drop_edges(contacts: set[int]) -> set[int]:
    """Delete every edge at `contacts`; returns the contacts that were at their ends."""
    ends = {contact for pair in db.session.execute(_EDGES, {"values": contacts}) for contact in pair}
    if ends:
        for drop in _DROPS:
            db.session.execute(drop, {"values": contacts})
    return ends
