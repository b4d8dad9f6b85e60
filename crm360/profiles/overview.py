"""A customer's timeline in figures: how much of each kind, and the last message exchanged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.profiles.models import TimelineEntry

MESSAGES = ("message.in", "message.out", "call.in", "call.out")


class LastContact(NamedTuple):
    """The newest message or call to or from a customer. `kind`: message.in, message.out, call.in, call.out."""

    kind: str
    occurred_at: datetime
    properties: Mapping[str, Any]


class Overview(NamedTuple):
    """`counts`: group ("order") → lines; `last_contact` None when nobody ever wrote."""

    counts: dict[str, int]
    last_contact: LastContact | None


def overview(profile_id: int) -> Overview:
    """Both in one statement: the kind of the newest message carries that message. Their lines are read once, by customer: asked
    for the newest message by itself, SQLite looked through everybody's messages for one of theirs."""
    line, theirs = TimelineEntry, select(Contact.id).where(Contact.profile_id == profile_id)
    lines = select(line.id, line.kind, line.occurred_at).where(line.contact_id.in_(theirs)).cte("lines").c
    counted = select(lines.kind, func.count().label("many")).group_by(lines.kind).subquery()
    newest = (
        select(lines.id, lines.kind)
        .where(lines.kind.in_(MESSAGES))
        .order_by(lines.occurred_at.desc(), lines.id.desc())
        .limit(1)
        .subquery()
    )
    query = (
        select(counted.c.kind, counted.c.many, line.occurred_at, line.properties)
        .select_from(counted)
        .outerjoin(newest, newest.c.kind == counted.c.kind)
        .outerjoin(line, line.id == newest.c.id)
    )
    counts: Counter[str] = Counter()
    last = None
    for kind, many, at, said in db.session.execute(query):
        counts[kind.partition(".")[0]] += many
        last = LastContact(kind, at, said) if at is not None else last
    return Overview(dict(counts), last)
