"""How many requests wait, and for how long still."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from crm360.kernel.db import db
from crm360.privacy.models import Case

#: Nothing more is to be done about a case.
ENDED = ("done", "closed", "refused", "cancelled")


class Waiting(NamedTuple):
    """Cases that are not at their end: all, overdue, due within a week."""

    open: int
    late: int
    soon: int


def waiting(*, on: date) -> Waiting:
    """What waits on a day."""
    late, soon = Case.due_on < on, Case.due_on.between(on, on + timedelta(days=7))
    query = select(func.count(), func.count().filter(late), func.count().filter(soon)).select_from(Case)
    return Waiting(*map(int, db.session.execute(query.where(Case.status.not_in(ENDED))).one()))
