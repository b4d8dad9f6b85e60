"""May we? The one question every send, export and page asks, for one address or for a hundred thousand. Never writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from crm360.consents.above import Above, above
from crm360.consents.models import Statement
from crm360.consents.policy import Verdict, decide
from crm360.identity.models import Contact
from crm360.kernel import dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db

_PROFILES = select(Contact.id, Contact.profile_id).where(dialects.Among(Contact.id))
_ABOUT = select(Statement).where(
    dialects.Among(Statement.identifier_normal), Statement.identifier_kind == bindparam("kind")
)


class Question(NamedTuple):
    """May this address of this contact's person be used for this purpose on this channel?

    `kind` and `normal` as identifiers are kept ("email", "anna@example.com").
    """

    contact_id: int | None
    kind: str
    normal: str
    purpose: str
    channel: str


def ask(questions: Sequence[Question], *, now: datetime) -> list[Verdict]:
    """One verdict per question, in their order; a handful of statements per five hundred."""
    return [verdict for some in chunked(questions) for verdict in _ask(some, now)]


def _ask(questions: Sequence[Question], now: datetime) -> Iterable[Verdict]:
    profile_of = _profiles({each.contact_id for each in questions if each.contact_id is not None})
    stated = _stated(questions)
    more = above(profile_ids=set(profile_of.values()), addresses={each.normal for each in questions}, now=now)
    return [_verdict(each, profile_of.get(each.contact_id or 0), stated, more, now) for each in questions]


def _profiles(contact_ids: Collection[int]) -> dict[int, int]:
    rows = db.session.execute(_PROFILES, {"values": list(contact_ids)})
    return {contact: profile for contact, profile in rows if profile is not None}


def _stated(questions: Sequence[Question]) -> dict[tuple[str, str, str, str], list[Statement]]:
    found: defaultdict[tuple[str, str, str, str], list[Statement]] = defaultdict(list)
    for kind in {each.kind for each in questions}:
        normals = list({each.normal for each in questions if each.kind == kind})
        for said in db.session.scalars(_ABOUT, {"values": normals, "kind": kind}):
            found[kind, said.identifier_normal, said.purpose, said.channel].append(said)
    return found


def _verdict(question: Question, profile_id: int | None, stated: Any, more: Above, now: datetime) -> Verdict:
    _, kind, normal, purpose, channel = question
    suppressed = [each for each in more.suppressed.get(normal, ()) if each.channel == channel]
    return decide(
        stated.get((kind, normal, purpose, channel), ()), now=now, suppressed=suppressed,
        stops=more.stops.get(profile_id, ()) if profile_id is not None else (), purpose=more.purposes.of(purpose),
    )  # fmt: skip
