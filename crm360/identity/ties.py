"""What holds a profile's records together: evidence between them, and decisions in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from crm360.identity import evidence
from crm360.identity.models import Contact, Decision, DecisionLink, DecisionUndone, Edge
from crm360.kernel.db import db

MOST = 1000


class Tie(NamedTuple):
    """Between two contacts: evidence of `weight` bits, or (`decision_id`) the word of `made_by`."""

    left_id: int
    right_id: int
    weight: float = 0.0
    evidence: Sequence[Mapping[str, Any]] = ()
    decision_id: int | None = None
    made_by: str = ""
    made_at: datetime | None = None


def ties_of(profile_id: int) -> list[Tie]:
    """Evidence, strongest first, then decisions that two records of the profile are one person; at most MOST of each."""
    return [*_evidence(profile_id), *_decisions(profile_id)]


def _evidence(profile_id: int) -> list[Tie]:
    left, right = aliased(Contact), aliased(Contact)
    query = (
        select(Edge.left_id, Edge.right_id, Edge.weight)
        .join(left, left.id == Edge.left_id)
        .join(right, right.id == Edge.right_id)
        .where(left.profile_id == profile_id, right.profile_id == profile_id)
        .order_by(Edge.weight.desc(), Edge.left_id, Edge.right_id)
        .limit(MOST)
    )
    rows = db.session.execute(query).all()
    why = evidence.of_pairs((left_id, right_id) for left_id, right_id, _ in rows)
    return [Tie(one, other, weight, why[one, other]) for one, other, weight in rows]


def _decisions(profile_id: int) -> list[Tie]:
    left, right = aliased(Contact), aliased(Contact)
    query = (
        select(DecisionLink.left_id, DecisionLink.right_id, Decision.id, Decision.made_by, Decision.made_at)
        .join(Decision, Decision.id == DecisionLink.decision_id)
        .join(left, left.id == DecisionLink.left_id)
        .join(right, right.id == DecisionLink.right_id)
        .where(left.profile_id == profile_id, right.profile_id == profile_id, DecisionLink.same)
        .where(~exists().where(DecisionUndone.decision_id == Decision.id))
        .order_by(Decision.id, DecisionLink.left_id, DecisionLink.right_id)
        .limit(MOST)
    )
    return [
        Tie(one, other, decision_id=decision, made_by=by, made_at=at)
        for one, other, decision, by, at in db.session.execute(query)
    ]
