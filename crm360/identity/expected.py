"""How right joined pairs and pairs that wait are expected to be, by their weights; and what people answered so far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased

from crm360.identity import reviewing
from crm360.identity.models import Contact, Decision, DecisionUndone, Edge
from crm360.identity.thresholds import probability, thresholds
from crm360.kernel.db import db

#: Pairs looked at; more would not change the share that is shown.
SAMPLE = 5_000


class Expected(NamedTuple):
    """`share`: how many of `pairs` are expected to be one person; None without pairs."""

    pairs: int
    share: float | None


class Answers(NamedTuple):
    """What people decided so far, decisions taken back left out."""

    same: int
    different: int


def joined() -> Expected:
    """Pairs at or above the joining line whose records are one customer: the expected precision of joining."""
    return _expected(_pairs().where(Edge.weight >= thresholds().join, _left.profile_id == _right.profile_id))


def waiting() -> Expected:
    """Pairs of customers that wait because nobody can be sure: below the joining line, not parted by anybody."""
    return of_weights(reviewing.open_weights(below=thresholds().join).values())


def answers() -> Answers:
    """How often a person said "the same" and "not the same"."""
    undone = exists().where(DecisionUndone.decision_id == Decision.id)
    rows = select(Decision.kind, func.count()).where(~undone).group_by(Decision.kind)
    found = {row.kind: int(row[1]) for row in db.session.execute(rows)}
    return Answers(found.get("merge", 0) + found.get("bulk", 0), found.get("different", 0) + found.get("split", 0))


_left, _right = aliased(Contact), aliased(Contact)


def _pairs() -> Select[Any]:
    return select(Edge.weight).join(_left, _left.id == Edge.left_id).join(_right, _right.id == Edge.right_id)


def _expected(query: Select[Any]) -> Expected:
    return of_weights(db.session.scalars(query.limit(SAMPLE)))


def of_weights(bits: Iterable[float]) -> Expected:
    """The same of pairs of these weights."""
    weights = list(bits)
    return Expected(len(weights), sum(map(probability, weights)) / len(weights) if weights else None)
