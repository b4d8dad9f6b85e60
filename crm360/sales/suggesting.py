"""Keeps what colleagues did with the steps suggested for a customer: who took one on or set it aside, when and why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from crm360.identity import queries as identity
from crm360.kernel.db import db
from crm360.kernel.errors import NotFound
from crm360.sales.models import Suggestion

TAKEN, DISMISSED = "taken", "dismissed"
LONGEST = 200


class NoSuchSuggestion(NotFound):
    """This customer has no such answer to a suggestion."""

    def __init__(self) -> None:
        super().__init__("This suggestion is gone.")


def answer(
    *, profile_id: int, rule: str, subject: str, about: str, answer: str, by: str, now: datetime, why: str = ""
) -> Suggestion:
    """Take a step on, or set it aside; one that was answered stays as it is. Raises ProfileNotFound."""
    known = next((each for each in answered(profile_id) if each.subject == subject), None)
    if known is not None:
        return known
    made = Suggestion(
        contact_id=identity.anchor(profile_id), rule=rule, subject=subject, about=about[:LONGEST], answer=answer,
        why=" ".join(why.split())[:LONGEST], answered_at=now, answered_by=by,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def take_back(*, profile_id: int, number: int, by: str, now: datetime) -> Suggestion:
    """The step may be suggested again; the row keeps who had answered. Raises NoSuchSuggestion."""
    known = next((each for each in answered(profile_id) if each.id == number), None)
    if known is None:
        raise NoSuchSuggestion
    known.withdrawn_at, known.withdrawn_by = now, by
    db.session.flush()
    return known


def answered(profile_id: int) -> list[Suggestion]:
    """What stands of a customer's answered suggestions, the latest first."""
    theirs = Suggestion.contact_id.in_(identity.contact_ids(profile_id))
    standing = select(Suggestion).where(theirs, Suggestion.withdrawn_at.is_(None))
    return list(db.session.scalars(standing.order_by(Suggestion.answered_at.desc(), Suggestion.id.desc())))
