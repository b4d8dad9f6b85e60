"""Owners and tasks set for many customers in a few statements; and each exactly taken back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select

from crm360.accounts.queries import get_staff
from crm360.kernel import bulk
from crm360.kernel.db import db, table_of
from crm360.profiles import timeline
from crm360.sales import queries
from crm360.sales.models import Ownership, Task


class Owned(NamedTuple):
    """A word on whose a customer is, as it stands on a contact; `staff_id` None: nobody's."""

    contact_id: int
    staff_id: int | None
    set_at: datetime
    set_by: str


class Todo(NamedTuple):
    """What is to be done, the same for each customer."""

    title: str
    owner_id: int
    due_at: datetime | None
    whole_day: bool


def own(
    *, anchors: Mapping[int, int], staff_id: int | None, by: str, lines: Mapping[int, str], now: datetime
) -> dict[int, Owned]:
    """Give customers to a colleague, None: to nobody, each by their contact of `anchors`; profile → what is new of whom that
    changed. `lines`: profile → the subject of the line on its timeline. Raises StaffNotFound."""
    name = get_staff(staff_id).name if staff_id is not None else ""
    held = queries.owners_of(anchors)
    others = [each for each in sorted(anchors) if (held[each][0] if each in held else None) != staff_id]
    made = {each: Owned(anchors[each], staff_id, now, by) for each in others}
    bulk.insert_rows(db.session, table_of(Ownership), [word._asdict() for word in made.values()])
    kind = "owner.set" if staff_id is not None else "owner.removed"
    entries = [timeline.Entry(anchors[each], kind, now, name, {"by": by}, lines[each]) for each in others]
    timeline.note(entries=entries, now=now)
    return made


def take_back(words: Iterable[Owned]) -> set[Owned]:
    """Unsay who owns customers; what was said before, or since, counts again. Which of the words were still there."""
    wanted = set(words)
    query = select(Ownership.id, Ownership.contact_id, Ownership.staff_id, Ownership.set_at, Ownership.set_by)
    rows = db.session.execute(query.where(Ownership.contact_id.in_({word.contact_id for word in wanted})))
    found = {row.id: Owned(*row[1:]) for row in rows}
    gone = {number: word for number, word in found.items() if word in wanted}
    db.session.execute(delete(Ownership).where(Ownership.id.in_(gone)))
    return set(gone.values())


def add_tasks(*, anchors: Mapping[int, int], todo: Todo, by: str, origins: Mapping[int, str], now: datetime) -> None:
    """A task for each customer, by their contact of `anchors`. `origins`: profile → what its task came from, one task each."""
    rows = [
        {**todo._asdict(), "contact_id": anchors[each], "created_at": now, "created_by": by, "done_at": None, "origin": origins[each]}
        for each in sorted(anchors)
    ]  # fmt: skip
    bulk.insert_rows(db.session, table_of(Task), rows)
    query = select(Task.id, Task.contact_id).where(Task.origin.in_(list(origins.values())))
    entries = [
        timeline.Entry(contact_id, "task.set", now, todo.title, {"by": by}, f"task:{number}")
        for number, contact_id in db.session.execute(query)
    ]
    timeline.note(entries=entries, now=now)


def take_tasks_back(*, origins: Collection[str], same: Callable[[Todo], bool], now: datetime) -> set[str]:
    """Remove tasks that nobody did, and that are the `same` still; the origins of those removed."""
    tasks = db.session.scalars(
        select(Task).where(Task.origin.in_(origins), Task.done_at.is_(None)).execution_options(populate_existing=True)
    )
    gone = [task for task in tasks if same(Todo(task.title, task.owner_id, task.due_at, task.whole_day))]
    removed = {str(task.origin) for task in gone}
    timeline.forget(subjects=[f"task:{task.id}" for task in gone], now=now)
    db.session.execute(delete(Task).where(Task.id.in_([task.id for task in gone])))
    return removed
