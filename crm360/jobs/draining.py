"""The inbox worked off in batches, each a transaction of its own."""

from __future__ import annotations

from crm360.flows import receive
from crm360.flows.receive import Progress
from crm360.inbox import queries as inbox
from crm360.kernel import clock, dialects
from crm360.kernel.db import db

BATCH = 500


def is_waiting() -> bool:
    """Whether there is anything to do. Only reads, so an idle worker never holds SQLite's write lock."""
    with dialects.reading():
        found = inbox.anything_waiting()
        db.session.rollback()
    return found


def process_batch(limit: int = BATCH) -> Progress:
    """Process the oldest waiting payloads and commit. Raises whatever kept the batch from its effect, rolled back."""
    try:
        progress = receive.process_waiting(now=clock.now(), limit=limit)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    db.session.expunge_all()  # a long run must not collect what it has seen
    return progress


def drain() -> Progress:
    """Process until nothing waits."""
    total = Progress(0, 0)
    while (progress := process_batch()) != (0, 0):
        total = Progress(total.processed + progress.processed, total.quarantined + progress.quarantined)
    return total
