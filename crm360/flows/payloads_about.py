"""Raw payloads that speak of a person, also those nothing was read from: found by what stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from crm360.facts import ContactSeen, Fact
from crm360.flows import receive
from crm360.flows.subjects import Subject
from crm360.inbox.models import Payload, Source
from crm360.inbox.queries import Waiting
from crm360.kernel.db import db
from crm360.privacy import needles
from crm360.privacy.needles import Needles
from crm360.sources import base

SOME = 500


class Found(NamedTuple):
    """Ids of payloads that name the person among those looked at, and the last one looked at (0: that was all)."""

    ids: list[int]
    last: int


def find_some(subject: Subject, *, after: int) -> Found:
    """Look through some payloads after an id. Those that wait to be read are left: reading knows the erased."""
    query = select(Payload.id, Payload.body).where(Payload.id > after, Payload.state != "waiting")
    rows = db.session.execute(query.order_by(Payload.id).limit(SOME)).all()
    found = [number for number, body in rows if subject.needles.within(bytes(body))]
    return Found(found, rows[-1][0] if len(rows) == SOME else 0)


def find_all(subject: Subject) -> list[int]:
    """Every payload that speaks of the person: those their facts came from, and those that name them."""
    found, last = set(subject.payload_ids), 0
    while subject.needles:
        some = find_some(subject, after=last)
        found.update(some.ids)
        if not (last := some.last):
            break
    return sorted(found)


def told(subject: Subject, payload_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """What each payload says of the person, for their own copy: parts that speak of others are left out."""
    for number in payload_ids:
        row = db.session.execute(select(Payload, Source).join(Source).where(Payload.id == number)).first()
        if row is None:
            continue
        payload, source = row
        facts, readable = _facts(payload, source)
        others = [fact for fact in facts if fact.ref is not None and fact.ref[:2] not in set(subject.records)]
        alone = {} if others else {"headers": payload.headers, "reason": payload.reason}
        yield {
            "received_at": payload.received_at, "source": source.name, "channel": payload.channel,
            "state": payload.state, **alone,
            "content": needles.whole(bytes(payload.body)) if readable and facts and not others else _parts(subject, payload, others),
        }  # fmt: skip


def _parts(subject: Subject, payload: Payload, others: Sequence[Fact]) -> list[Any]:
    if not subject.needles:
        return []
    return needles.excerpts(bytes(payload.body), subject.needles, Needles(_values(others)))


def _values(facts: Iterable[Fact]) -> Iterator[str]:
    for fact in facts:
        if fact.ref is not None and len(fact.ref.external_id) >= needles.SHORTEST:
            yield fact.ref.external_id
        if isinstance(fact, ContactSeen):
            yield from (each.value for each in fact.identifiers)


def _facts(payload: Payload, source: Source) -> tuple[Sequence[Fact], bool]:
    try:
        waiting = Waiting(*(getattr(payload, name) for name in Waiting._fields))
        return receive.read(waiting, source), True
    except base.Unreadable:
        return (), False
