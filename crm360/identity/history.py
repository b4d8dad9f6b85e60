"""How a profile came to be: what joined and parted its contacts, by evidence and by people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from crm360.identity.models import Contact, Decision, DecisionLink, DecisionUndone, Lineage
from crm360.kernel.batches import chunked
from crm360.kernel.db import db


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One step. `kind`: merge, split, different (decisions), evidence, undo, device (moves). `profile_ids`: involved."""

    kind: str
    decision_id: int | None
    made_at: datetime
    made_by: str
    reason: str
    profile_ids: tuple[int, ...]
    undone_at: datetime | None = None
    undone_by: str = ""

    @property
    def can_undo(self) -> bool:
        return self.decision_id is not None and self.undone_at is None


def history(profile_id: int) -> list[HistoryItem]:
    """The steps that concern the profile, newest first."""
    steps = [*_decisions(profile_id), *_moves(profile_id)]
    return sorted(steps, key=lambda step: (step.made_at, step.decision_id or 0), reverse=True)


def moved(profile_ids: Iterable[int], *, at: datetime) -> list[tuple[int, int]]:
    """From which profile to which records went at that moment, of moves that left or reached one of these profiles."""
    found: set[tuple[int, int]] = set()
    for some in chunked(profile_ids):
        for end in (Lineage.from_profile_id, Lineage.to_profile_id):
            query = select(Lineage.from_profile_id, Lineage.to_profile_id).where(end.in_(some), Lineage.at == at)
            found |= {(old, new) for old, new in db.session.execute(query) if old is not None and new is not None}
    return sorted(found)


def _decisions(profile_id: int) -> list[HistoryItem]:
    mine = select(Contact.id).where(Contact.profile_id == profile_id)
    spoken_of = select(DecisionLink.decision_id).where(
        or_(DecisionLink.left_id.in_(mine), DecisionLink.right_id.in_(mine))
    )
    query = (
        select(Decision, DecisionUndone)
        .outerjoin(DecisionUndone, DecisionUndone.decision_id == Decision.id)
        .where(Decision.id.in_(spoken_of))
    )
    return [decided(made, undone) for made, undone in db.session.execute(query)]


def decided(made: Decision, undone: DecisionUndone | None) -> HistoryItem:
    """A decision as a step."""
    return HistoryItem(
        made.kind, made.id, made.made_at, made.made_by, made.reason, tuple(made.context.get("profile_ids", ())),
        undone.undone_at if undone else None, undone.undone_by if undone else "",
    )  # fmt: skip


def _moves(profile_id: int) -> list[HistoryItem]:
    """Moves made by evidence; those made by decisions are told by the decisions."""
    touches = or_(Lineage.from_profile_id == profile_id, Lineage.to_profile_id == profile_id)
    query = (
        select(Lineage.cause, Lineage.at, Lineage.from_profile_id, Lineage.to_profile_id, func.count())
        .where(touches, Lineage.decision_id.is_(None), Lineage.cause != "device")
        .group_by(Lineage.cause, Lineage.at, Lineage.from_profile_id, Lineage.to_profile_id)
        .order_by(Lineage.at.desc())
        .limit(200)
    )
    return [
        HistoryItem(cause, None, at, "", "", tuple(i for i in (old, new) if i is not None))
        for cause, at, old, new, _ in db.session.execute(query)
    ]
