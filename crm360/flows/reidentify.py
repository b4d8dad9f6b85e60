"""Everybody resolved again, after an upgrade or a new model changed how contacts are compared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from crm360.flows import refresh
from crm360.identity import group_keys, queries
from crm360.identity import operations as identity
from crm360.kernel.batches import chunked

BATCH = 500


def everybody(*, now: datetime) -> Iterator[int]:
    """Resolve all contacts, a batch at a time; the caller commits after each and is told how many it held.

    The result does not depend on the batches, so an interrupted run is simply run again.
    """
    for batch in chunked(queries.named_contacts(), BATCH):
        lost = identity.restate(batch)
        group_keys.follow(contact_ids=batch)
        touched = identity.resolve(contact_ids=batch, lost_keys=lost, now=now)
        refresh.profiles(touched, changed_contacts=batch, now=now)
        yield len(batch)
