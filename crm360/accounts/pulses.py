"""A question to all colleagues: answered once each, by nobody in particular, told only where five answered."""

from __future__ import annotations

import secrets
from collections import Counter
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from crm360.accounts.models import Pulse, PulseAnswer, PulseVote
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Conflict, Invalid, NotFound

#: Fewer answers than this are told to nobody, nor are their words.
LEAST = 5
LOWEST, HIGHEST = 0, 10
LONGEST_BODY = 2_000


class NoSuchPulse(NotFound):
    """The question is not there."""

    def __init__(self) -> None:
        super().__init__("There is no such question.")


class BadPulse(Invalid):
    """The question or the answer cannot be kept."""


class AnsweredBefore(Conflict):
    """Everybody answers once; nobody can say which answer it was."""


class Told(NamedTuple):
    """What came of a question: `mean`, `counts` and `words` only where at least five answered. `answered`: by the reader."""

    pulse: Pulse
    answers: int
    mean: float | None
    counts: dict[int, int]
    words: list[str]
    answered: bool


def ask(*, question_en: str, question_pl: str, by: str, now: datetime) -> Pulse:
    """Put a question to all colleagues. Raises BadPulse."""
    if not (question_en.strip() and question_pl.strip()):
        raise BadPulse("Ask in both languages.")
    pulse = Pulse(
        question_en=question_en.strip()[:300], question_pl=question_pl.strip()[:300], asked_at=now, asked_by=by
    )
    db.session.add(pulse)
    db.session.flush()
    return pulse


def close(*, pulse_id: int, now: datetime) -> None:
    """Take no more answers. Raises NoSuchPulse."""
    pulse = _get(pulse_id)
    pulse.closed_at = pulse.closed_at or now
    db.session.flush()


def answer(*, pulse_id: int, staff_id: int, score: int | None, body: str) -> None:
    """Note that a colleague answered and, apart from that, what. Raises AnsweredBefore, BadPulse, NoSuchPulse."""
    pulse = _get(pulse_id)
    if score is None or not LOWEST <= score <= HIGHEST or pulse.closed_at is not None:
        raise BadPulse("Choose one of the answers.")
    row = {"pulse_id": pulse_id, "staff_id": staff_id}
    if not dialects.insert_new(db.session, table_of(PulseVote), [row], ["pulse_id", "staff_id"]):
        raise AnsweredBefore("This question was answered already. Thank you!")
    kept = body.replace("\r\n", "\n").strip()[:LONGEST_BODY]
    db.session.add(PulseAnswer(key=secrets.token_hex(16), pulse_id=pulse_id, score=score, body=kept))
    db.session.flush()


def told(staff_id: int) -> list[Told]:
    """Every question with what may be told of it, the newest first."""
    voted = set(db.session.scalars(select(PulseVote.pulse_id).where(PulseVote.staff_id == staff_id)))
    numbers = select(PulseAnswer.pulse_id, func.count()).group_by(PulseAnswer.pulse_id)
    many = dict(db.session.execute(numbers).all())
    pulses = db.session.scalars(select(Pulse).order_by(Pulse.id.desc()))
    return [_told(each, many.get(each.id, 0), each.id in voted) for each in pulses]


def _told(pulse: Pulse, answers: int, answered: bool) -> Told:
    if answers < LEAST:
        return Told(pulse, answers, None, {}, [], answered)
    rows = db.session.execute(
        select(PulseAnswer.score, PulseAnswer.body).where(PulseAnswer.pulse_id == pulse.id).order_by(PulseAnswer.key)
    ).all()
    counts = Counter(row.score for row in rows)
    return Told(
        pulse,
        answers,
        sum(row.score for row in rows) / answers,
        dict(counts),
        [row.body for row in rows if row.body],
        answered,
    )


def _get(pulse_id: int) -> Pulse:
    found = db.session.get(Pulse, pulse_id)
    if found is None:
        raise NoSuchPulse
    return found
