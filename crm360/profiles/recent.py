"""The newest happenings of the whole shop, for a first screen."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.profiles.models import GoldenRecord, TimelineEntry

#: What a colleague may want to act on.
TELLING = ("order.placed", "message.in", "cart.abandoned", "consent.withdrawn", "conversation.opened")
#: Of so many newest lines the telling ones are taken: the log is read from its end, whatever its size.
NEWEST_LINES = 2000


class Happening(NamedTuple):
    """A line of somebody's timeline, with the customer."""

    profile_id: int
    display_name: str
    kind: str
    title: str
    occurred_at: datetime


def happenings(*, limit: int = 8) -> list[Happening]:
    """What was recorded last of the telling kinds, newest first."""
    newest = select(TimelineEntry.id).order_by(TimelineEntry.id.desc()).limit(NEWEST_LINES).subquery()
    statement = (
        select(
            Contact.profile_id, GoldenRecord.display_name, TimelineEntry.kind, TimelineEntry.title,
            TimelineEntry.occurred_at,
        )
        .join(newest, newest.c.id == TimelineEntry.id)
        .join(Contact, Contact.id == TimelineEntry.contact_id)
        .join(GoldenRecord, GoldenRecord.profile_id == Contact.profile_id)
        .where(TimelineEntry.kind.in_(TELLING))
        .order_by(TimelineEntry.occurred_at.desc(), TimelineEntry.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [Happening(*row) for row in db.session.execute(statement)]
