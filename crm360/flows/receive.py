"""A raw payload becomes facts, facts become rows, and whoever they speak of is resolved and shown anew.

Everything of one batch happens in the caller's transaction. A payload that cannot be read, or whose facts a room refuses,
is set aside in quarantine with the reason; the others of its batch go on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

import structlog
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from crm360 import facts
from crm360.commerce import operations as commerce
from crm360.consents import operations as consents
from crm360.consents import suppressing
from crm360.conversations import operations as conversations
from crm360.facts import ContactRef, ContactSeen, Fact, Received
from crm360.flows import announcing, answering_surveys, burying, refresh, tending_reviews
from crm360.identity import group_keys
from crm360.identity import operations as identity
from crm360.inbox import operations as inbox
from crm360.inbox import queries as inbox_queries
from crm360.inbox.models import Source
from crm360.inbox.queries import Waiting
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.outreach import happenings
from crm360.privacy import operations as privacy
from crm360.profiles import feed, timeline
from crm360.push import operations as push
from crm360.reviews import operations as reviews
from crm360.sources import base, registry

log = structlog.get_logger(__name__)

#: What one payload's content may cause; anything else (a lost connection, a full disk) is nobody's fault and is retried.
_CONTENT_FAULTS = (DomainError, DataError, IntegrityError, StatementError, ValueError, TypeError, KeyError)


class Progress(NamedTuple):
    """How many payloads had their effect and how many were set aside."""

    processed: int
    quarantined: int


class Read(NamedTuple):
    """A payload and what it says."""

    payload_id: int
    facts: Sequence[Fact]
    source: Source


def process_waiting(*, now: datetime, limit: int = 500) -> Progress:
    """Process the oldest waiting payloads. The caller commits."""
    return process(inbox_queries.waiting(limit=limit), now=now)


def process(payloads: Sequence[Waiting], *, now: datetime) -> Progress:
    """Read and apply payloads and settle each: processed, or quarantined with its reason."""
    refused = settle(payloads, now=now)
    inbox.mark_processed(ids=[payload.id for payload in payloads if payload.id not in refused], now=now)
    return Progress(len(payloads) - len(refused), len(refused))


def take_in(
    *, source: str, channel: str, said: Mapping[str, Any], settings: Mapping[str, Any] | None = None, now: datetime
) -> bool:
    """A statement made at one of our own doors: a payload like any other, taken in at once. False when it was set aside."""
    kept_by = inbox.ensure_source(name=source, channel=channel, settings=settings, now=now)
    item = inbox.NewPayload(inbox.senders_key(uuid4().hex), json.dumps(said, ensure_ascii=False).encode())
    inbox.keep(source_id=kept_by.id, channel=channel, items=[item], now=now)
    kept = inbox_queries.waiting_of(source_id=kept_by.id, dedup_keys=[item.dedup_key])
    return process(kept, now=now).processed == 1


def settle(payloads: Sequence[Waiting], *, now: datetime) -> dict[int, str]:
    """Read and apply payloads; those that cannot be are set aside. Returns their ids with the reasons."""
    if not payloads:
        return {}
    sources = inbox_queries.sources_of({payload.source_id for payload in payloads})
    readable: list[Read] = []
    refused: dict[int, str] = {}
    for payload in payloads:
        try:
            source = sources[payload.source_id]
            readable.append(Read(payload.id, read(payload, source), source))
        except base.Unreadable as error:
            refused[payload.id] = str(error)
    refused |= _apply_all(readable, now=now)
    for payload_id, reason in refused.items():
        inbox.quarantine(payload_id=payload_id, reason=reason, now=now)
    return refused


def read(payload: Waiting, source: Source) -> Sequence[Fact]:
    """The facts of one payload; the source's settings say what its headers do not (currency, region).

    Raises Unreadable, also when the reader itself stumbles: nothing may stop the queue.
    """
    headers = {**source.settings, **payload.headers}
    raw = base.Payload(source=source.name, received_at=payload.received_at, body=payload.body, headers=headers)
    try:
        return registry.reader(payload.channel)(raw)
    except base.Unreadable:
        raise
    except Exception as error:
        log.exception("reader failed", payload_id=payload.id, channel=payload.channel)
        raise base.Unreadable(f"The reader of {payload.channel!r} failed: {type(error).__name__}.") from error


def apply(items: Sequence[Read], *, now: datetime) -> None:
    """Hand every fact to its room, then resolve and refresh whom they speak of; facts about the erased are dropped."""
    regions = {item.source.name: region for item in items if (region := item.source.settings.get("region"))}
    items = _without_erased(items, regions)
    recorded = identity.record_contacts(seen=list(_contacts(items)), now=now, regions=regions)
    group_keys.follow(contact_ids=recorded.changed | _taxed(items, recorded.ids))
    for operation, kind in _ROOMS:
        received = [
            Received(
                recorded.ids[fact.ref] if fact.ref else None, item.payload_id, fact, regions.get(item.source.name, "PL")
            )
            for item in items
            for fact in item.facts
            if isinstance(fact, kind)
        ]
        if received:
            operation(received=received, now=now)
    touched = identity.resolve(contact_ids=recorded.changed, before=recorded.before, now=now)
    touched |= identity.obey_sources(contact_ids=recorded.changed | _renamed(items, recorded.ids), now=now)
    refresh.profiles(touched, changed_contacts=recorded.changed, now=now)
    refresh.restated(recorded.reworded, confirmed=recorded.confirmed, now=now)
    feed.mark_contacts(_labelled(items, recorded.ids) | recorded.retold, now=now)
    tending_reviews.tend(keys=_reviewed(items), now=now)
    stated = {recorded.ids[fact.ref] for fact in _consents(items) if fact.ref}
    if stated:
        announcing.consents_of(payload_ids=[item.payload_id for item in items], contact_ids=stated, now=now)


def _without_erased(items: Sequence[Read], regions: Mapping[str, str]) -> Sequence[Read]:
    """Facts about the erased go, and the payloads that told them are emptied."""
    gone = burying.gone([burying.Told(item.facts, regions.get(item.source.name, "PL")) for item in items])
    inbox.empty(ids=[item.payload_id for item, refs in zip(items, gone, strict=True) if refs])
    return [
        item._replace(facts=[fact for fact in item.facts if fact.ref is None or fact.ref not in refs]) if refs else item
        for item, refs in zip(items, gone, strict=True)
    ]


def note_activities(*, received: Sequence[Received[facts.ActivityNoted]], now: datetime) -> None:
    """Behaviour without a room of its own goes straight to the timeline."""
    entries = [
        timeline.Entry(
            contact_id=item.contact_id, kind=item.fact.kind, occurred_at=item.fact.occurred_at, title=item.fact.title,
            properties=dict(item.fact.properties), payload_id=item.payload_id, subject=_subject(item.fact),
        )
        for item in received
        if item.contact_id is not None
    ]  # fmt: skip
    timeline.note(entries=entries, now=now)
    answering_surveys.receive_activities(received=received, now=now)


def _subject(fact: facts.ActivityNoted) -> str | None:
    return f"activity:{fact.ref.source}:{fact.kind}:{fact.activity_id}" if fact.activity_id else None


#: Which room keeps which kind of fact. `ContactSeen` is not here: contacts come first, everything hangs on them.
_ROOMS: tuple[tuple[Callable[..., None], type[Any]], ...] = (
    (commerce.record_orders, facts.OrderPlaced),
    (commerce.record_cancellations, facts.OrderCancelled),
    (commerce.record_refunds, facts.OrderRefunded),
    (commerce.record_cart_changes, facts.CartChanged),
    (commerce.record_cart_snapshots, facts.CartSnapshot),
    (conversations.record_messages, facts.MessageExchanged),
    (conversations.record_changes, facts.ConversationChanged),
    (consents.record_statements, facts.ConsentStated),
    (suppressing.record_mailings, facts.MailingEvent),
    (happenings.record_mailings, facts.MailingEvent),
    (push.record_subscriptions, facts.PushSubscribed),
    (push.record_endings, facts.PushEnded),
    (note_activities, facts.ActivityNoted),
    (reviews.record_reviews, facts.ReviewWritten),
    (identity.record_tags, facts.TagsStated),
    (identity.record_source_links, facts.SamePerson),
    (privacy.open_cases, facts.PrivacyRequested),
)


def _apply_all(readable: Sequence[Read], *, now: datetime) -> dict[int, str]:
    """Apply a batch; when its content is refused, halve it until the culprits stand alone. Returns id → reason."""
    if not readable:
        return {}
    try:
        with db.session.begin_nested():
            apply(readable, now=now)
    except _CONTENT_FAULTS as error:
        if isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError):
            raise
        if len(readable) == 1:
            return {readable[0].payload_id: _reason(error, readable[0].payload_id)}
        half = len(readable) // 2
        return _apply_all(readable[:half], now=now) | _apply_all(readable[half:], now=now)
    return {}


def _reason(error: Exception, payload_id: int) -> str:
    if isinstance(error, DomainError):
        return error.message
    log.error("payload refused", payload_id=payload_id, error=type(error).__name__)
    return f"Its content cannot be stored ({type(error).__name__})."


def _contacts(items: Iterable[Read]) -> Iterable[ContactSeen]:
    """Every statement about a customer, and one of mere existence for customers only a fact speaks of."""
    seen: set[ContactRef] = set()
    others: list[ContactSeen] = []
    for item in items:
        for fact in item.facts:
            if isinstance(fact, ContactSeen):
                seen.add(fact.ref)
                yield fact
            elif fact.ref is not None:
                others.append(ContactSeen(ref=fact.ref, occurred_at=_moment(fact), anonymous=fact.ref.is_device))
    yield from (other for other in others if other.ref not in seen)


def _consents(items: Iterable[Read]) -> Iterable[facts.ConsentStated]:
    return (fact for item in items for fact in item.facts if isinstance(fact, facts.ConsentStated))


def _reviewed(items: Iterable[Read]) -> set[tuple[str, str]]:
    told = (fact for item in items for fact in item.facts if isinstance(fact, facts.ReviewWritten))
    return {(fact.source, fact.external_id) for fact in told}


def _taxed(items: Iterable[Read], ids: Mapping[ContactRef, int]) -> set[int]:
    """Contacts that came with a tax id: it is compared with nobody, so it makes no contact `changed`."""
    seen = (fact for item in items for fact in item.facts if isinstance(fact, ContactSeen))
    return {ids[fact.ref] for fact in seen if any(each.kind == "tax_id" for each in fact.identifiers)}


def _renamed(items: Iterable[Read], ids: Mapping[ContactRef, int]) -> set[int]:
    """Contacts of whom a source said that it formerly knew them by another id."""
    return {ids[fact.ref] for item in items for fact in item.facts if isinstance(fact, facts.SamePerson)}


def _labelled(items: Iterable[Read], ids: Mapping[ContactRef, int]) -> set[int]:
    """Contacts a source gave labels: nothing of the golden record changes, and segments may."""
    told = (fact for item in items for fact in item.facts if isinstance(fact, facts.TagsStated))
    return {ids[fact.ref] for fact in told if fact.ref}


def _moment(fact: Fact) -> datetime:
    return fact.placed_at if isinstance(fact, facts.OrderPlaced) else fact.occurred_at
