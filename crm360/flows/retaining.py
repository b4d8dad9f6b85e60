"""What is older than its retention rule goes; what a legal hold stands over stays. Rehearsed before it is done.

Customers go by the way of erasures and leave tombstones; why rows that go by their age alone leave none: docs/adr/0008.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, func, or_, select, update

from crm360.flows import erasing
from crm360.flows.erasing import Places
from crm360.identity.models import Contact
from crm360.inbox.models import Payload
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.kernel.months import later
from crm360.outbox.models import Letter
from crm360.profiles.models import TimelineEntry
from crm360.safeguards import holds, retention
from crm360.safeguards.models import RetentionRule, RetentionRun

#: Rows a rule changes in one go; the next run goes on.
AT_ONCE = 5000
#: What a person did themselves. Opening a mail is none: a mail program may do it.
ACTS = ("order.%", "cart.%", "message.in", "conversation.opened", "page.%", "screen.%", "email.clicked",
        "consent.given", "consent.withdrawn", "consent.refused", "push.subscribed", "custom.%")  # fmt: skip
BEHAVIOUR = ("page.%", "screen.%", "cart.viewed", "email.opened", "email.clicked", "custom.%")


class Met(NamedTuple):
    """What a rule meets: rows that are due and free, and rows that are due and held."""

    due: int
    held: int


def rehearse(*, kind: str, months: int, now: datetime) -> Met:
    """What a rule would do now. Writes nothing."""
    work, before = _WORK[kind], later(now, -months)
    free = _count(work.due(before).where(~work.held()))
    return Met(free, _count(work.due(before)) - free)


def apply_rules(*, by: str, places: Places, now: datetime, at_once: int = AT_ONCE) -> int:
    """Do what the rules in force say, each to at most `at_once` rows; returns how many rows went."""
    return sum(_apply(rule, by, places, now, at_once) for rule in retention.in_force())


def anything_due(*, now: datetime) -> bool:
    """Whether a rule in force has something to do."""
    return any(
        db.session.execute(_free(rule, now).limit(1)).first() is not None for rule in retention.in_force()
    )  # fmt: skip


def _apply(rule: RetentionRule, by: str, places: Places, now: datetime, at_once: int) -> int:
    months = rule.months or 0
    met = rehearse(kind=rule.kind, months=months, now=now)
    ids = list(db.session.scalars(_free(rule, now).limit(at_once)))
    for some in chunked(ids):
        _WORK[rule.kind].act(some, places, now)
    if ids:
        before = later(now, -months)
        retention.keep_run(
            run=RetentionRun(rule_id=rule.id, at=now, by=by, before=before, rehearsed=False, due=met.due,
                             done=len(ids), held=met.held)
        )  # fmt: skip
    return len(ids)


def _free(rule: RetentionRule, now: datetime) -> Select[Any]:
    work = _WORK[rule.kind]
    return work.due(later(now, -(rule.months or 0))).where(~work.held())


def _count(query: Select[Any]) -> int:
    return int(db.session.scalar(select(func.count()).select_from(query.subquery())) or 0)


def _like(patterns: Sequence[str]) -> Any:
    return or_(*(TimelineEntry.kind.like(pattern) for pattern in patterns))


def _quiet_customers(before: datetime) -> Select[Any]:
    """Profiles all of whose records are older than that and who did nothing since."""
    acted = select(TimelineEntry.id).join(Contact, Contact.id == TimelineEntry.contact_id)
    acted = acted.where(Contact.profile_id == _HOLDER.profile_id, TimelineEntry.occurred_at >= before, _like(ACTS))
    young = select(Contact.id).where(Contact.profile_id == _HOLDER.profile_id, Contact.created_at >= before)
    query = select(_HOLDER.profile_id).where(_HOLDER.profile_id.is_not(None)).group_by(_HOLDER.profile_id)
    return query.where(~young.exists(), ~acted.exists()).order_by(_HOLDER.profile_id)


_HOLDER: Any = Contact.__table__.alias("holder").c


def _held_customers() -> Any:
    return _HOLDER.profile_id.in_(select(Contact.profile_id).where(Contact.id.in_(holds.held_contacts())))


def _erase_customers(profile_ids: Sequence[int], places: Places, now: datetime) -> None:
    """The way of every erasure, tombstones with it: no list, no webhook sent again and no backup brings them back."""
    query = select(Contact.id).where(Contact.profile_id.in_(profile_ids)).order_by(Contact.id)
    erasing.at_once(list(db.session.scalars(query)), places=places, now=now)


def _behaviour(before: datetime) -> Select[Any]:
    return select(TimelineEntry.id).where(TimelineEntry.occurred_at < before, _like(BEHAVIOUR))


def _delete_behaviour(ids: Sequence[int], _places: Places, _now: datetime) -> None:
    db.session.execute(delete(TimelineEntry).where(TimelineEntry.id.in_(ids)))


def _letters(before: datetime) -> Select[Any]:
    return select(Letter.id).where(Letter.settled_at < before, Letter.text != "")


def _empty_letters(ids: Sequence[int], _places: Places, _now: datetime) -> None:
    """That a letter was sent, for what and to whom stays as proof; what it said goes."""
    values = {"text": "", "html": "", "headers": {}, "reason": ""}
    db.session.execute(update(Letter).where(Letter.id.in_(ids)).values(values))


def _payloads(before: datetime) -> Select[Any]:
    return select(Payload.id).where(Payload.received_at < before, Payload.state != "waiting", Payload.body != b"")


def _held_payloads() -> Any:
    return Payload.id.in_(select(TimelineEntry.payload_id).where(
        TimelineEntry.contact_id.in_(holds.held_contacts()), TimelineEntry.payload_id.is_not(None)
    ))  # fmt: skip


def _empty_payloads(ids: Sequence[int], _places: Places, _now: datetime) -> None:
    """The row stays, so that the same delivery is still known when it comes again."""
    db.session.execute(update(Payload).where(Payload.id.in_(ids)).values(body=b"", headers={}))


class _Work(NamedTuple):
    due: Callable[[datetime], Select[Any]]
    held: Callable[[], Any]
    act: Callable[[Sequence[int], Places, datetime], None]


_WORK: Mapping[str, _Work] = {
    "quiet_customers": _Work(_quiet_customers, _held_customers, _erase_customers),
    "behaviour": _Work(_behaviour, lambda: TimelineEntry.contact_id.in_(holds.held_contacts()), _delete_behaviour),
    "letters": _Work(
        _letters, lambda: Letter.contact_id.is_not(None) & Letter.contact_id.in_(holds.held_contacts()), _empty_letters
    ),
    "raw_payloads": _Work(_payloads, _held_payloads, _empty_payloads),
}
