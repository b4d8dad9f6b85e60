"""Contacts written in bulk take their turn: who they are is decided, and what is derived from that is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from crm360.flows import refresh
from crm360.identity import group_keys, unresolved
from crm360.identity import operations as identity
from crm360.identity.compared import Compared
from crm360.identity.judging import identifier_keys
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


def resolve(contact_ids: Sequence[int], *, before: Mapping[int, Compared] | None = None, now: datetime) -> None:
    """Resolve these contacts, at most some hundred, waiting or not. `before`: forms they had, where these are not stored."""
    had = {**identity.restate(contact_ids), **(before or {})}
    group_keys.follow(contact_ids=contact_ids)
    # who was restored without a change may still have taken a name back from what they share with others
    also = {key for number in had.keys() - set(contact_ids) for key in identifier_keys(had[number])}
    touched = identity.resolve(contact_ids=contact_ids, before=had, also=also, now=now)
    refresh.profiles(touched, changed_contacts=contact_ids, now=now)
    unresolved.settle(contact_ids)
