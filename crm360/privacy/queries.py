"""Which cases there are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import select, tuple_

from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.privacy.deadlines import alarm
from crm360.privacy.handling import UNFINISHED
from crm360.privacy.models import Case, Event


class Place(NamedTuple):
    """Where a page of cases ends."""

    due_on: date
    id: int


def open_cases(*, after: Place | None = None, limit: int = 50) -> list[Case]:
    """Cases still open, the most urgent first."""
    query = select(Case).where(Case.status.in_(UNFINISHED)).order_by(Case.due_on, Case.id).limit(limit)
    if after is not None:
        query = query.where(tuple_(Case.due_on, Case.id) > (after.due_on, after.id))
    return list(db.session.scalars(query))


def ended_cases(*, limit: int = 50) -> list[Case]:
    """Cases that were closed, refused or taken back, the last first."""
    query = select(Case).where(Case.status.not_in(UNFINISHED)).order_by(Case.closed_at.desc(), Case.id.desc())
    return list(db.session.scalars(query.limit(limit)))


def of_requests(source: str, request_ids: Collection[str]) -> dict[str, Case]:
    """Cases by the id their source gave the request."""
    found: dict[str, Case] = {}
    for some in chunked(sorted(set(request_ids))):
        query = select(Case).where(Case.source == source, Case.external_id.in_(some))
        found.update((case.external_id, case) for case in db.session.scalars(query))
    return found


def of_batch(source: str, prefix: str) -> list[Case]:
    """Cases whose source's id begins so, the first first."""
    begins = Case.external_id.startswith(prefix, autoescape=True)
    return list(db.session.scalars(select(Case).where(Case.source == source, begins).order_by(Case.id)))


def alarming(today: date) -> list[tuple[Case, int]]:
    """Cases at whose deadline somebody must look, with the mark they passed (14, 7, 2 or 0 days), told once each."""
    late = select(Case).where(Case.status.in_(("open", "working")), Case.due_on <= today + timedelta(days=14))
    found = []
    for case in db.session.scalars(late.order_by(Case.due_on, Case.id)):
        mark = alarm(case.due_on, today)
        if mark is not None and case.paused_at is None and mark not in _told(case.id, case.due_on):
            found.append((case, mark))
    return found


def _told(case_id: int, due_on: date) -> set[int]:
    lines = db.session.scalars(select(Event.details).where(Event.case_id == case_id, Event.what == "alarmed"))
    return {int(told["days"]) for told in lines if told.get("due") == due_on.isoformat()}
