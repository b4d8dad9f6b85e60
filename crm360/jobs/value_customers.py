"""Values of customers: once a day everybody is learned from, and whoever changed is valued anew within seconds."""

from __future__ import annotations

from datetime import datetime

from crm360.commerce import value_fits, valuing
from crm360.jobs.job import Limits
from crm360.kernel import clock, dialects
from crm360.kernel.db import db

#: Batches of one run, each a transaction of its own: nobody waits long for SQLite's one write lock.
_BATCHES = 40


def due(*, now: datetime) -> bool:
    """Whether nothing was learned today, or the shop has grown by a fifth since (it may be filling for the first time)."""
    found = value_fits.newest()
    if found is None or found[1].as_of.date() < now.date():
        return True
    return valuing.buyers() > found[1].customers * 1.2 + 10


def learn(*, limits: Limits, now: datetime) -> int:
    """Learn from everybody's purchases; returns of how many. Computing takes no lock."""
    db.session.commit()
    with dialects.reading():
        learned = value_fits.learn(now=now)
        db.session.rollback()
    value_fits.keep(learned)
    valuing.mark_missing()
    return learned.fit.customers


def run(*, limits: Limits, now: datetime) -> int:
    """Value those who wait; returns how many. Computing takes no lock."""
    total = 0
    for _ in range(_BATCHES):
        valuing.mark_outdated()
        db.session.commit()
        with dialects.reading():
            work = valuing.prepare(now=clock.now())
            db.session.rollback()
        if not work.profile_ids:
            break
        total += _settle(work)
    return total


def _settle(work: valuing.Work) -> int:
    try:
        valuing.settle(work, now=clock.now())
    except valuing.Overtaken:
        db.session.rollback()
        return 0
    db.session.commit()
    return len(work.profile_ids)
