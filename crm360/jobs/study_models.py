"""Questions about models answered by the worker: claimed, computed while others go on writing, kept."""

from __future__ import annotations

from datetime import datetime

from structlog import get_logger

from crm360.flows import studying
from crm360.identity import studies
from crm360.jobs.job import Limits
from crm360.kernel import clock, dialects
from crm360.kernel.db import db

log = get_logger(__name__)


def run(*, limits: Limits, now: datetime) -> int:
    """Answers one question; returns 1, or 0 when none waited. Computing takes no lock: readers and writers go on."""
    claimed = studies.claim(now=now)
    if claimed is None:
        return 0
    number, kind, question, by = claimed.id, claimed.kind, dict(claimed.question), claimed.asked_by
    db.session.commit()
    try:
        with dialects.reading():
            answer = studying.compute(kind=kind, question=question)
            db.session.rollback()
    except Exception as error:
        db.session.rollback()
        log.exception("study failed", study=number)
        studies.finish(study_id=number, failure=str(error)[:500] or type(error).__name__, now=clock.now())
        return 1
    kept = studying.keep(answer, by=by, now=clock.now())
    studies.finish(study_id=number, answer=kept, now=clock.now())
    return 1
