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
    """Both in one statement: the kind of the newest message carries that message."""
    theirs = TimelineEntry.contact_id.in_(select(Contact.id).where(Contact.profile_id == profile_id))
    counted = (
        select(TimelineEntry.kind, func.count().label("lines")).where(theirs).group_by(TimelineEntry.kind).subquery()
    )
    newest = (
        select(TimelineEntry.kind, TimelineEntry.occurred_at, TimelineEntry.properties)
        .where(theirs, TimelineEntry.kind.in_(MESSAGES))
        .order_by(TimelineEntry.occurred_at.desc(), TimelineEntry.id.desc())
        .limit(1)
        .subquery()
    )
    columns = (counted.c.kind, counted.c.lines, newest.c.occurred_at, newest.c.properties)
    counts: Counter[str] = Counter()
    last = None
    for kind, lines, at, said in db.session.execute(
        select(*columns).select_from(counted.outerjoin(newest, newest.c.kind == counted.c.kind))
    ):
        counts[kind.partition(".")[0]] += lines
        last = LastContact(kind, at, said) if at is not None else last
    return Overview(dict(counts), last)
