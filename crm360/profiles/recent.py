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
    line = TimelineEntry
    newest = (
        # with all its columns: joined back by its number, the planner read every line of these kinds in place of the last ones
        select(line.id, line.contact_id, line.kind, line.title, line.occurred_at)
        .order_by(line.id.desc())
        .limit(NEWEST_LINES)
        .subquery()
        .c
    )
    statement = (
        select(Contact.profile_id, GoldenRecord.display_name, newest.kind, newest.title, newest.occurred_at)
        .join(Contact, Contact.id == newest.contact_id)
        .join(GoldenRecord, GoldenRecord.profile_id == Contact.profile_id)
        .where(newest.kind.in_(TELLING))
        .order_by(newest.occurred_at.desc(), newest.id.desc())
        .limit(limit)
    )
    return [Happening(*row) for row in db.session.execute(statement)]
