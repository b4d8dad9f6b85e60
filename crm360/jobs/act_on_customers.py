"""What colleagues do to many customers at once, batch by batch, each a transaction of its own."""

from __future__ import annotations

from datetime import datetime

from structlog import get_logger

from crm360.flows import bulk_actions
from crm360.jobs.job import Limits
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.lists import actions

#: Batches of one run: others wait for SQLite's one write lock no longer than for one of them.
STEPS = 50

log = get_logger(__name__)


def run(*, limits: Limits, now: datetime) -> int:
    """Go on with the oldest actions; returns how many customers had their turn."""
    turns = 0
    for _ in range(STEPS):
        action = actions.hold_next()
        if action is None:
            break
        turns += _some(action.id)
        db.session.commit()
        db.session.expunge_all()
    return turns


def forget(*, limits: Limits, now: datetime) -> int:
    """Returns how many lines of old actions went. No setting changes the span."""
    return actions.purge(now=now)


def _some(action_id: int) -> int:
    try:
        return bulk_actions.carry_on(actions.hold(action_id), now=clock.now())
    except DomainError as error:
        db.session.rollback()
        log.warning("bulk action stopped", action=action_id, error=type(error).__name__)
        actions.stop(action_id=action_id, problem=error.message, now=clock.now())
        return 0
