"""Contacts written in bulk take their turn: who they are is decided, and what is derived from that is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from crm360.flows import refresh
from crm360.identity import group_keys, unresolved
from crm360.identity import operations as identity
from crm360.profiles import waiting_index

BATCH = 500


def waits() -> bool:
    """Whether anybody's turn has yet to come."""
    return bool(unresolved.oldest(1))


def some(*, now: datetime, limit: int = BATCH) -> int:
    """Resolve the contacts that wait the longest; returns how many. The caller commits."""
    batch = unresolved.oldest(limit)
    if batch:
        resolve(batch, now=now)
        waiting_index.drop_settled()
    return len(batch)


def resolve(contact_ids: Sequence[int], *, lost_keys: Iterable[str] = (), now: datetime) -> None:
    """Resolve these contacts, at most some hundred, waiting or not. `lost_keys`: keys to look at besides theirs."""
    lost = identity.restate(contact_ids) | set(lost_keys)
    group_keys.follow(contact_ids=contact_ids)
    touched = identity.resolve(contact_ids=contact_ids, lost_keys=lost, now=now)
    refresh.profiles(touched, changed_contacts=contact_ids, now=now)
    unresolved.settle(contact_ids)
