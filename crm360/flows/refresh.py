"""What is derived from contacts, brought up to date after they changed or moved; other systems hear of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crm360.commerce import valuing
from crm360.consents import parting
from crm360.flows import announcing
from crm360.identity import queries as identity
from crm360.profiles import feed, operations, queries


def profiles(touched: Iterable[int], *, changed_contacts: Iterable[int] = (), now: datetime) -> None:
    """Golden records and search terms of the touched profiles and of those that hold changed contacts; values soon after."""
    holding = set(identity.profile_ids(changed_contacts).values())
    ids = set(touched) | holding
    parting.after_moves(profile_ids=ids, now=now)
    with announcing.changes_of(ids, now=now):
        operations.refresh(profile_ids=ids, now=now)
    valuing.mark(ids)
    feed.mark(ids, now=now)


def restated(reworded: Iterable[int], *, confirmed: Iterable[int], now: datetime) -> None:
    """Golden records of whose contacts are as alike to others as before: those known by other words now, and those of which a
    source said the same words later, where that may decide between two values.
    """
    ids = set(identity.profile_ids(reworded).values())
    ids |= queries.contested(set(identity.profile_ids(confirmed).values()) - ids)
    if not ids:
        return
    with announcing.changes_of(ids, now=now):
        operations.refresh(profile_ids=ids, now=now)
    feed.mark(ids, now=now)
