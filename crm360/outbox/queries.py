"""What waits to be sent, and what became of what was. Nothing here writes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, literal_column, or_, select

from crm360.kernel.backlog import Backlog
from crm360.kernel.db import db
from crm360.kernel.errors import NotFound
from crm360.outbox.models import Letter

#: Written out, not bound: only then do both databases use the partial index that holds just these rows.
QUEUED = Letter.state == literal_column("'queued'")


class LetterNotFound(NotFound):
    """No letter has this id."""


def anything_due(*, now: datetime) -> bool:
    """Whether a letter is due, or one is in the hand of a sender that died."""
    due = (Letter.state == "queued") & (Letter.due_at <= now)
    dead = Letter.state.in_(("claimed", "speaking")) & (Letter.claimed_until < now)
    return db.session.scalar(select(Letter.id).where(or_(due, dead)).limit(1)) is not None


def backlog(*, now: datetime) -> Backlog:
    """The letters that are due and in nobody's hand."""
    query = select(func.count(), func.min(Letter.due_at)).where(QUEUED, Letter.due_at <= now)
    count, oldest = db.session.execute(query).one()
    return Backlog.of(count, oldest, now=now)


def get(letter_id: int) -> Letter:
    """Raises LetterNotFound."""
    found: Letter | None = db.session.get(Letter, letter_id)
    if found is None:
        raise LetterNotFound(f"There is no letter {letter_id}.")
    return found


def find(dedup_key: str) -> Letter | None:
    """The letter promised under a key."""
    found: Letter | None = db.session.scalar(select(Letter).where(Letter.dedup_key == dedup_key))
    return found


def counts(*, subject_of: str) -> dict[str, int]:
    """How many letters of something are in which state."""
    query = select(Letter.state, func.count()).where(Letter.subject_of == subject_of).group_by(Letter.state)
    return {state: int(count) for state, count in db.session.execute(query)}
