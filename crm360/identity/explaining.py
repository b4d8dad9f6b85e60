"""Why two contacts are, or are not, one person; and by which steps the contacts of a profile came together."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from crm360.identity import evidence, guards, in_force, judging, repartition
from crm360.identity.engine import rules
from crm360.identity.engine.model import Model
from crm360.identity.evidence import Evidence
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
    evidence: Evidence
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
    evidence: Evidence
    decision_id: int | None


def explain(*, left_id: int, right_id: int) -> Explanation:
    """Everything that speaks for and against two contacts being one person, as of now. Raises PairNotFound."""
    left, right = _contact(left_id), _contact(right_id)
    now = in_force.current()
    model, known = now.judge.model, judging.Known(now.judge)
    known.forms |= {left_id: left.compared, right_id: right.compared}
    table = known.table([left_id, right_id])
    pair = (left_id, right_id)
    judged = table.judge([pair])
    weight = float(judged.weights[0])
    conflict = guards.conflict(left.compared, right.compared, guards.hard(model.conflicts))
    links = [link for link in repartition.live_links([left_id]) if right_id in (link.left, link.right)]
    decisions = [{"decision_id": link.decision, "same": link.same} for link in links]
    shared, full = _keys_in_common(left_id, right_id, known)
    weak = known.weak(judging.identifier_keys(left.compared) & judging.identifier_keys(right.compared))
    return Explanation(
        left_id, right_id, now.name, now.judge.weigher.prior, model.join, model.review, table.evidence([pair], judged)[0],
        weight, bool(judged.barred[0]), conflict, sorted(shared), sorted(weak | full), decisions,
        _verdict(weight, model, conflict, decided=bool(links), proposed=bool(shared - full), barred=bool(judged.barred[0])),
        left.profile_id is not None and left.profile_id == right.profile_id,
    )  # fmt: skip


def _keys_in_common(left: int, right: int, known: judging.Known) -> tuple[set[str], set[str]]:
    """What of both leads to each other, in words (`rule:value`), and what of it too many have to lead anywhere."""
    mine, theirs = known.keys(left), known.keys(right)
    common = {key: rule for key, rule in mine.items() if key in theirs}
    known.blocks.read(common)
    words = {key: rules.words(rule, known.forms[left], key) for key, rule in common.items()}
    return set(words.values()), {words[key] for key, rule in common.items() if not known.blocks.proposes(key, rule)}


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
        Edge.weight >= in_force.current().judge.model.join,
        ~Edge.barred,
        Edge.left_id.in_(inside),
        Edge.right_id.in_(inside),
    )
    edges = db.session.scalars(query).all()
    why = evidence.of_pairs((edge.left_id, edge.right_id) for edge in edges)
    steps = [Step(e.left_id, e.right_id, e.weight, why[e.left_id, e.right_id], None) for e in edges]
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


def _verdict(weight: float, model: Model, conflict: str, *, decided: bool, proposed: bool, barred: bool) -> str:
    if decided:
        return "decided"
    if conflict:
        return "conflict"
    if weight >= model.join and not barred:
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
