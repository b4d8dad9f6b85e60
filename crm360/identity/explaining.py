"""Why two contacts are, or are not, one person; and by which steps the contacts of a profile came together."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from crm360.identity import blocking, comparing, guards, repartition, scoring, weakness
from crm360.identity.models import Contact, Edge
from crm360.kernel.db import db
from crm360.kernel.errors import NotFound


class PairNotFound(NotFound):
    """One of the two contacts does not exist."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole judgement of one pair. Weights in bits; `verdict`: join, review, apart, conflict, decided."""

    left_id: int
    right_id: int
    model: str
    prior: float
    join: float
    review: float
    evidence: list[dict[str, Any]]
    weight: float
    capped: bool
    conflict: str
    shared_keys: list[str]
    weak_keys: list[str]
    decisions: list[dict[str, Any]]
    verdict: str
    together: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One link on the path from contact to contact: by evidence (bits) or by a decision."""

    left_id: int
    right_id: int
    weight: float | None
    evidence: list[dict[str, Any]]
    decision_id: int | None


def explain(*, left_id: int, right_id: int) -> Explanation:
    """Everything that speaks for and against two contacts being one person, as of now. Raises PairNotFound."""
    left, right = _contact(left_id), _contact(right_id)
    model = scoring.current_model()
    shared = blocking.keys(left.compared) & blocking.keys(right.compared)
    weak = weakness.known_weak(shared)
    score = scoring.score(comparing.compare(left.compared, right.compared, comparing.by_kind(weak)), model)
    conflict = guards.conflict(left.compared, right.compared)
    links = [link for link in repartition.live_links([left_id]) if right_id in (link.left, link.right)]
    decisions = [{"decision_id": link.decision, "same": link.same} for link in links]
    proposed = bool(shared - weak)
    return Explanation(
        left_id, right_id, model.name, model.prior, model.join, model.review, score.as_json(), score.weight,
        score.capped, conflict, sorted(shared), sorted(weak), decisions,
        _verdict(score.weight, model, conflict, decided=bool(links), proposed=proposed),
        left.profile_id is not None and left.profile_id == right.profile_id,
    )  # fmt: skip


def path(*, left_id: int, right_id: int) -> list[Step]:
    """The shortest chain of accepted pairs and decisions from one contact to the other; empty when there is none."""
    left, right = _contact(left_id), _contact(right_id)
    if left.profile_id is None or left.profile_id != right.profile_id:
        return []
    steps = connections(left.profile_id)
    near: dict[int, list[Step]] = {}
    for step in steps:
        near.setdefault(step.left_id, []).append(step)
        near.setdefault(step.right_id, []).append(step)
    return _shortest(left_id, right_id, near)


def connections(profile_id: int) -> list[Step]:
    """Every accepted pair and same-person decision among a profile's contacts, strongest first, decisions before all."""
    mine = set(db.session.scalars(select(Contact.id).where(Contact.profile_id == profile_id)))
    inside = select(Contact.id).where(Contact.profile_id == profile_id)
    query = select(Edge).where(
        Edge.weight >= scoring.current_model().join, Edge.left_id.in_(inside), Edge.right_id.in_(inside)
    )
    steps = [Step(e.left_id, e.right_id, e.weight, e.evidence, None) for e in db.session.scalars(query)]
    steps += [
        Step(link.left, link.right, None, [], link.decision)
        for link in repartition.live_links(mine)
        if link.same and {link.left, link.right} <= mine
    ]
    return sorted(steps, key=lambda step: (step.decision_id is None, -(step.weight or 0), step.left_id, step.right_id))


def candidates(contact_id: int, *, limit: int = 20) -> list[Edge]:
    """The stored pairs of one contact, strongest first: whom it was compared with to some effect."""
    _contact(contact_id)
    query = (
        select(Edge)
        .where(or_(Edge.left_id == contact_id, Edge.right_id == contact_id))
        .order_by(Edge.weight.desc(), Edge.left_id, Edge.right_id)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def _contact(contact_id: int) -> Contact:
    contact: Contact | None = db.session.get(Contact, contact_id)
    if contact is None:
        raise PairNotFound(f"There is no contact {contact_id}.")
    return contact


def _verdict(weight: float, model: scoring.Model, conflict: str, *, decided: bool, proposed: bool) -> str:
    if decided:
        return "decided"
    if conflict:
        return "conflict"
    if weight >= model.join:
        return "join" if proposed else "never compared"
    return "review" if weight >= model.review else "apart"


def _shortest(start: int, goal: int, near: Mapping[int, Iterable[Step]]) -> list[Step]:
    came_by: dict[int, Step | None] = {start: None}
    queue = deque([start])
    while queue and goal not in came_by:
        at = queue.popleft()
        for step in near.get(at, ()):
            other = step.right_id if step.left_id == at else step.left_id
            if other not in came_by:
                came_by[other] = step
                queue.append(other)
    steps: list[Step] = []
    at = goal
    while (back := came_by.get(at)) is not None:
        steps.append(back)
        at = back.right_id if back.left_id == at else back.left_id
    return steps[::-1]
