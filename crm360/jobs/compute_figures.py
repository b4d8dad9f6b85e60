"""Figures of the insights pages, computed beside the day's work."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm360.commerce import valuing
from crm360.insights import figures, promises
from crm360.jobs.job import Limits
from crm360.kernel import dialects
from crm360.kernel.db import db

#: Figures are at most this old; a shop that is being filled for the first time does not wait so long.
OLDEST, OLDEST_WHILE_FILLING = timedelta(minutes=30), timedelta(minutes=2)


def due(*, now: datetime) -> bool:
    """Whether the figures have become old."""
    found = figures.of("loyalty")
    if found is None or now - found.computed_at >= OLDEST:
        return True
    known = found.document["repeat"]["customers"]
    return now - found.computed_at >= OLDEST_WHILE_FILLING and valuing.buyers() > known * 1.05


def run(*, limits: Limits, now: datetime) -> int:
    """Compute everything anew; returns how many documents. Computing takes no lock."""
    db.session.commit()
    with dialects.reading():
        opening = promises.opening(zone=limits.timezone, country=limits.phone_region)
        documents = figures.computed(terms=figures.Terms(opening, promises.targets()), now=now)
        db.session.rollback()
    figures.keep(documents, now=now)
    return len(documents)
