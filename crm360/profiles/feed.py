"""The feed of customers something happened to: appended in the transaction of the change, worked off by who derives from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, literal, select

from crm360.identity.models import Contact
from crm360.kernel import bulk
from crm360.kernel.batches import chunked
from crm360.kernel.db import Base, db, table_of
from crm360.profiles.models import Mark


class Marked(NamedTuple):
    """A mark as read: whose, why (data, consent), when."""

    id: int
    profile_id: int
    cause: str
    at: datetime


def mark(profile_ids: Iterable[int], *, now: datetime, cause: str = "data") -> None:
    """Say that something of these customers changed. Marks are only ever appended, so that none is lost."""
    append(Mark, profile_ids, cause=cause, at=now)


def mark_contacts(contact_ids: Iterable[int], *, now: datetime, cause: str = "data") -> None:
    """The same of whoever these contacts belong to now; who is resolved later is marked then."""
    append_holders(Mark, contact_ids, cause=cause, at=now)


def append(marks: type[Base], profile_ids: Iterable[int], **said: Any) -> None:
    """A mark a customer, in a table of marks with a column `profile_id`; `said`: its other columns."""
    rows = [{"profile_id": each, **said} for each in sorted(set(profile_ids))]
    bulk.insert_rows(db.session, table_of(marks), rows)


def append_holders(marks: type[Base], contact_ids: Iterable[int], **said: Any) -> None:
    """The same of whoever these contacts belong to now."""
    columns = table_of(marks).c
    told = (Contact.profile_id, *(literal(value, columns[name].type) for name, value in said.items()))
    for chunk in chunked(sorted(set(contact_ids))):
        whose = select(*told).where(Contact.id.in_(chunk), Contact.profile_id.is_not(None)).distinct()
        db.session.execute(insert(marks).from_select(["profile_id", *said], whose))


def anything() -> bool:
    """Whether somebody is marked."""
    return db.session.scalar(select(Mark.id).limit(1)) is not None


def waiting(*, limit: int) -> list[Marked]:
    """The oldest marks."""
    query = select(Mark.id, Mark.profile_id, Mark.cause, Mark.at).order_by(Mark.id).limit(limit)
    return [Marked(*row) for row in db.session.execute(query)]


def length() -> int:
    """How many marks wait."""
    return int(db.session.scalar(select(func.count()).select_from(Mark)) or 0)


def drop(marks: Iterable[Marked]) -> None:
    """Marks that were worked off."""
    for chunk in chunked(each.id for each in marks):
        db.session.execute(delete(Mark).where(Mark.id.in_(chunk)))
