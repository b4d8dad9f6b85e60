"""Questions about models that the worker answers: asked, claimed one after the other, answered or failed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, insert, or_, select, update

from crm360.identity.models import Study
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, Invalid

WHAT_IF, TRAINING = "what-if", "training"
#: A study that began longer ago and has no answer was cut off with its worker: it is begun again.
CUT_OFF = timedelta(hours=1)


class StudyWaits(Conflict):
    """The same question waits for its answer already."""


class BadQuestion(Invalid):
    """The thresholds make no sense."""


def ask(*, kind: str, question: Mapping[str, Any] | None = None, by: str, now: datetime) -> int:
    """Leave a question for the worker; its number. Raises StudyWaits, BadQuestion."""
    asked = dict(question or {})
    join, review = asked.get("join"), asked.get("review")
    if join is not None and review is not None and review > join:
        raise BadQuestion("The threshold to review must not be above the one to join.")
    for waiting in db.session.scalars(select(Study).where(Study.kind == kind, Study.finished_at.is_(None))):
        if waiting.question == asked:
            raise StudyWaits("The same question is being answered already.")
    row = {"kind": kind, "question": asked, "asked_at": now, "asked_by": by}
    return int(db.session.scalar(insert(Study).returning(Study.id), row) or 0)


def anything_waiting(*, now: datetime) -> bool:
    """Whether a study is to be begun."""
    return db.session.scalar(select(Study.id).where(_open(now)).limit(1)) is not None


def claim(*, now: datetime) -> Study | None:
    """The oldest study that waits, from now on begun; None when none does."""
    found: Study | None = db.session.scalar(select(Study).where(_open(now)).order_by(Study.id).limit(1))
    if found is not None:
        found.started_at = now
    return found


def finish(*, study_id: int, answer: Mapping[str, Any] | None = None, failure: str = "", now: datetime) -> None:
    """Keep the answer, or why there is none."""
    values = {"finished_at": now, "answer": dict(answer or {}), "failure": failure}
    db.session.execute(update(Study).where(Study.id == study_id).values(values))


def latest(*, limit: int = 10) -> list[Study]:
    """The last questions with their answers, the latest first."""
    return list(db.session.scalars(select(Study).order_by(Study.id.desc()).limit(limit)))


def _open(now: datetime) -> Any:
    cut_off = and_(Study.finished_at.is_(None), Study.started_at < now - CUT_OFF)
    return or_(and_(Study.started_at.is_(None), Study.finished_at.is_(None)), cut_off)
