"""Contacts written in bulk take their turn: who they are is decided, and what is derived from that is written.

Some at a time, so that whoever else writes waits for none of it long; or everybody at once by the batch engine, many times
as fast, when most of the base waits. Who is who comes out the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from crm360.flows import refresh
from crm360.identity import group_keys, recomputing, unresolved
from crm360.identity import operations as identity
from crm360.identity import queries as identity_queries
from crm360.identity.compared import Compared
from crm360.identity.judging import identifier_keys
from crm360.profiles import waiting_index

BATCH = 500
#: From so many on it is worth computing everybody at once, if no more than one in so many has been resolved before.
_MANY, _OF_ALL = 2_000, 2
#: Contacts resolved at once while others wait for the database: a matter of seconds.
MOST_BESIDE_OTHERS = 10_000


def waits() -> bool:
    """Whether anybody's turn has yet to come."""
    return bool(unresolved.oldest(1))


def some(*, now: datetime, limit: int = BATCH, at_once: int = MOST_BESIDE_OTHERS) -> int:
    """Resolve the contacts that wait the longest; returns how many. The caller commits.

    `at_once`: how many contacts there may be for everybody to be resolved in one go.
    """
    waiting = unresolved.count()
    most = min(at_once, _OF_ALL * waiting)
    if waiting >= _MANY and identity_queries.count_contacts(most=most + 1) <= most:
        return _everybody(now)
    batch = unresolved.oldest(limit)
    if batch:
        resolve(batch, now=now)
        waiting_index.drop_settled()
    return len(batch)


def _everybody(now: datetime) -> int:
    waiting = unresolved.oldest(None)
    found = recomputing.recompute(now=now)
    changed = {*waiting, *found.stale}
    group_keys.follow(contact_ids=changed)
    refresh.profiles(found.touched, changed_contacts=changed, now=now)
    unresolved.settle(waiting)
    waiting_index.drop_settled()
    return len(waiting)


def resolve(contact_ids: Sequence[int], *, before: Mapping[int, Compared] | None = None, now: datetime) -> None:
    """Resolve these contacts, at most some hundred, waiting or not. `before`: forms they had, where these are not stored."""
    had = {**identity.restate(contact_ids), **(before or {})}
    group_keys.follow(contact_ids=contact_ids)
    # who was restored without a change may still have taken a name back from what they share with others
    also = {key for number in had.keys() - set(contact_ids) for key in identifier_keys(had[number])}
    touched = identity.resolve(contact_ids=contact_ids, before=had, also=also, now=now)
    refresh.profiles(touched, changed_contacts=contact_ids, now=now)
    unresolved.settle(contact_ids)
