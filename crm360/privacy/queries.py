"""Which cases there are."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import select, tuple_

from crm360.kernel.db import db
from crm360.privacy.models import Case


class Place(NamedTuple):
    """Where a page of cases ends."""

    due_on: date
    id: int


def open_cases(*, after: Place | None = None, limit: int = 50) -> list[Case]:
    """Cases still open, the most urgent first."""
    query = select(Case).where(Case.status == "open").order_by(Case.due_on, Case.id).limit(limit)
    if after is not None:
        query = query.where(tuple_(Case.due_on, Case.id) > (after.due_on, after.id))
    return list(db.session.scalars(query))
