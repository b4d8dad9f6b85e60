"""Segments follow what happens within a second, and change at the very moment time says, with nothing asked in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.schedulers.base import BaseScheduler

from crm360.flows import segmenting
from crm360.jobs.job import Limits
from crm360.kernel import clock, dialects
from crm360.kernel.db import db
from crm360.segments import keeping

NAME = "keep segments"
#: Steps of one run, each a transaction of its own: nobody waits long for SQLite's one write lock.
_STEPS = 40
_WAKE = "wake segments"


def run(*, limits: Limits, now: datetime) -> int:
    """Work off what waits; returns how many customers were looked at."""
    total = 0
    for _ in range(_STEPS):
        looked = segmenting.work_off(now=clock.now())
        db.session.commit()
        total += looked
        if not looked:
            break
    return total


def plan(scheduler: BaseScheduler, wake: Callable[[], None]) -> None:
    """Let `wake` run at the next moment at which time may change a membership; called after each run."""
    with dialects.reading():
        at = keeping.next_due(now=clock.now())
        db.session.rollback()
    if at is not None:
        when = max(at, clock.now()).astimezone(UTC)
        scheduler.add_job(wake, "date", run_date=when, id=_WAKE, name=NAME, replace_existing=True)
