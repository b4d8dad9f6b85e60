"""Pairs worth comparing → edges: the evidence kept for every pair at or above the review threshold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from sqlalchemy import delete, insert, or_, select

from crm360.identity import blocking, comparing, guards, scoring, weakness
from crm360.identity.models import BlockingKey, Contact, Edge
from crm360.kernel.batches import chunked
from crm360.kernel.db import db

Forms = dict[int, Mapping[str, Any]]


def load_forms(forms: Forms, contact_ids: Iterable[int]) -> None:
    """Add the compared forms of contacts not yet in `forms`."""
    for chunk in chunked(sorted(set(contact_ids) - forms.keys())):
        rows = db.session.execute(select(Contact.id, Contact.compared).where(Contact.id.in_(chunk)))
        forms.update((contact_id, compared) for contact_id, compared in rows)


def judge(dirty: set[int], forms: Forms) -> set[int]:
    """Compare `dirty` contacts with all they share a live key with and replace their edges; returns who is at the ends."""
    load_forms(forms, dirty)
    model = scoring.current_model()
    keys = {key for contact in dirty for key in blocking.keys(forms[contact])}
    weak = frozenset(weakness.known_weak(keys))
    pairs = sorted(_candidates(dirty, keys - weak))
    load_forms(forms, (contact for pair in pairs for contact in pair))
    rows: list[dict[str, Any]] = []
    for left, right in pairs:
        score = scoring.score(comparing.compare(forms[left], forms[right], weak), model)
        if score.weight >= model.review:
            rows.append({"left_id": left, "right_id": right, "weight": score.weight, "evidence": score.as_json(),
                         "model": model.name})  # fmt: skip
    ends = _drop_edges(dirty)
    if rows:
        db.session.execute(insert(Edge), rows)
    return ends | {int(contact) for row in rows for contact in (row["left_id"], row["right_id"])}


def opinion_of(forms: Forms, contact_ids: set[int]) -> Any:
    """What is known of any pair among `contact_ids`, for the clustering (see partition.Opinion)."""
    load_forms(forms, contact_ids)
    model = scoring.current_model()
    weak = frozenset(weakness.known_weak(key for c in contact_ids for key in blocking.keys(forms[c])))

    def opinion(left: int, right: int) -> float | None:
        if guards.conflict(forms[left], forms[right]):
            return None
        score = scoring.score(comparing.compare(forms[left], forms[right], weak), model)
        if score.capped:
            return model.cap.against
        return score.weight if score.weight >= model.review else scoring.contradiction(score)

    return opinion


def _candidates(dirty: set[int], live_keys: set[str]) -> Iterator[tuple[int, int]]:
    members: dict[str, list[int]] = {}
    for chunk in chunked(sorted(live_keys)):
        for key, contact in db.session.execute(
            select(BlockingKey.key, BlockingKey.contact_id).where(BlockingKey.key.in_(chunk))
        ):
            members.setdefault(key, []).append(contact)
    found: set[tuple[int, int]] = set()
    for block in members.values():
        for left, right in combinations(sorted(block), 2):
            if left in dirty or right in dirty:
                found.add((left, right))
    return iter(found)


def _drop_edges(contacts: set[int]) -> set[int]:
    """Delete every edge at `contacts`; returns the contacts that were at their ends."""
    ends: set[int] = set()
    for chunk in chunked(sorted(contacts)):
        touching = or_(Edge.left_id.in_(chunk), Edge.right_id.in_(chunk))
        for left, right in db.session.execute(select(Edge.left_id, Edge.right_id).where(touching)):
            ends.update((left, right))
        db.session.execute(delete(Edge).where(touching))
    return ends
