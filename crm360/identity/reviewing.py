"""Pairs a person should look at: alike enough to ask, not enough (or too contradictory) to join."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import aliased

from crm360.identity import evidence
from crm360.identity.models import Contact, DecisionLink, DecisionUndone, Edge
from crm360.kernel.db import db

_LEFT, _RIGHT = aliased(Contact), aliased(Contact)


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Another profile that may be the same person, by its strongest pair of contacts; `weight` in bits."""

    profile_id: int
    weight: float
    evidence: list[dict[str, Any]]
    contact_id: int
    other_contact_id: int


@dataclass(frozen=True, slots=True)
class Review:
    """One question to a person: are these two profiles one customer?"""

    left_profile_id: int
    right_profile_id: int
    weight: float
    evidence: list[dict[str, Any]]
    left_contact_id: int
    right_contact_id: int


def lookalikes(profile_id: int, *, limit: int = 5, why: bool = True) -> list[Lookalike]:
    """Profiles that may be the same person as this one, most alike first; `why`: with the evidence."""
    mine = select(Contact.id).where(Contact.profile_id == profile_id)
    query = open_pairs().where(or_(Edge.left_id.in_(mine), Edge.right_id.in_(mine)))
    best: dict[int, tuple[Edge, bool]] = {}
    for edge, left, right in db.session.execute(query):
        best.setdefault(left if left != profile_id else right, (edge, left != profile_id))
    nearest = list(best.items())[:limit]
    found = evidence.of_pairs((edge.left_id, edge.right_id) for _, (edge, _) in nearest) if why else {}
    return [
        Lookalike(
            other, edge.weight, found.get((edge.left_id, edge.right_id), []),
            *((edge.right_id, edge.left_id) if flipped else (edge.left_id, edge.right_id)),
        )
        for other, (edge, flipped) in nearest
    ]  # fmt: skip


def open_reviews(*, limit: int = 50, offset: int = 0) -> list[Review]:
    """Pairs of profiles waiting for an answer, most alike first, one row per pair of profiles."""
    found: dict[tuple[int, int], tuple[Edge, int, int]] = {}
    for edge, left, right in db.session.execute(open_pairs().limit((limit + offset) * 4)):
        found.setdefault((min(left, right), max(left, right)), (edge, left, right))
    return told(list(found.values())[offset : offset + limit])


def told(rows: Sequence[tuple[Edge, int, int]]) -> list[Review]:
    """Edges with the profiles at their ends as questions, evidence included."""
    why = evidence.of_pairs((edge.left_id, edge.right_id) for edge, _, _ in rows)
    return [
        Review(left, right, edge.weight, why[edge.left_id, edge.right_id], edge.left_id, edge.right_id)
        for edge, left, right in rows
    ]


def count_open() -> int:
    """How many pairs of profiles wait for an answer."""
    return len(open_weights())


def open_weights(*, below: float | None = None) -> dict[tuple[int, int], float]:
    """Pair of profiles that waits for an answer → the weight of its strongest pair of contacts, most alike first.

    `below`: only those whose strongest pair weighs less.
    """
    found: dict[tuple[int, int], float] = {}
    strongest = open_pairs().with_only_columns(Edge.weight, _LEFT.profile_id, _RIGHT.profile_id)
    for weight, left, right in db.session.execute(strongest):
        found.setdefault((min(left, right), max(left, right)), weight)
    return {pair: weight for pair, weight in found.items() if below is None or weight < below}


def open_pairs() -> Select[Any, Any, Any]:
    """Edges between two profiles that no decision in force has parted, most alike first: edge, both profiles' ids.

    Edges and links both keep the lower contact id left.
    """
    left, right = _LEFT, _RIGHT
    undone = exists().where(DecisionUndone.decision_id == DecisionLink.decision_id)
    parted = (
        exists()
        .where(DecisionLink.left_id == Edge.left_id, DecisionLink.right_id == Edge.right_id)
        .where(DecisionLink.same.is_(False), ~undone)
    )
    return (
        select(Edge, left.profile_id, right.profile_id)
        .join(left, left.id == Edge.left_id)
        .join(right, right.id == Edge.right_id)
        .where(left.profile_id != right.profile_id, ~parted)
        .order_by(Edge.weight.desc(), Edge.left_id, Edge.right_id)
    )
