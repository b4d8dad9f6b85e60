"""Rows about somebody go from every room: what hangs on their contacts first, the contacts last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from crm360.commerce import personal_data as commerce
from crm360.consents import personal_data as consents
from crm360.consents import queries as ledger
from crm360.conversations import personal_data as conversations
from crm360.identity import personal_data as identity
from crm360.identity import queries
from crm360.imports import personal_data as imports
from crm360.inbox import personal_data as inbox
from crm360.insights import personal_data as insights
from crm360.kernel.batches import chunked
from crm360.kernel.personal_data import Whom
from crm360.lists import personal_data as lists
from crm360.outbox import personal_data as outbox
from crm360.outreach import personal_data as outreach
from crm360.profiles import personal_data as profiles
from crm360.profiles import provenance
from crm360.push import personal_data as push
from crm360.reviews import personal_data as reviews
from crm360.safeguards import personal_data as safeguards
from crm360.sales import personal_data as sales
from crm360.segments import personal_data as segments
from crm360.surveys import personal_data as surveys

#: Facts before the contacts they hang on; what is found by a person's values before these are gone.
ROOMS: tuple[Any, ...] = (
    imports,
    insights,
    lists,
    segments,
    outreach,
    commerce,
    conversations,
    consents,
    push,
    safeguards,
    sales,
    surveys,
    reviews,
    profiles,
    outbox,
    identity,
    inbox,
)


def purge_anonymous(*, before: datetime, limit: int = 5000) -> int:
    """Forget visitors whom nobody named and nobody saw since `before`, at most `limit`; returns how many went."""
    visitors = queries.stale_visitors(before=before, limit=limit, sparing=ledger.of_imports())
    for chunk in chunked(visitors):
        forget(chunk)
    return len(visitors)


def forget(contact_ids: Sequence[int]) -> None:
    """Rows about these contacts (at most a few hundred) go from every room. For whom nobody named: see docs/adr/0008."""
    take(Whom(tuple(contact_ids), tuple(provenance.payloads_of(contact_ids))))


def erase_payloads(ids: Sequence[int]) -> None:
    """Raw payloads go, some hundred at a time."""
    for part in Whom((), tuple(ids)).parts():
        inbox.erase_payloads(part)


def take(whom: Whom, *, rooms: Iterable[Any] = ROOMS) -> None:
    """Run the erasers of these rooms in their order, for some hundred contacts at a time."""
    chosen = tuple(rooms)
    for part in whom.parts():
        for room in chosen:
            for eraser in dict.fromkeys(room.ERASERS.values()):
                eraser(part)
