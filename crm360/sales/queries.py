"""Tasks, calls, deals and owners as pages ask for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select

from crm360.accounts.models import Staff
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.kernel.errors import NotFound
from crm360.profiles.models import Note
from crm360.sales import stages
from crm360.sales.models import Call, Deal, DealMove, Mention, Ownership, Task


class NoSuchTask(NotFound):
    """The task is gone, or was never there."""

    def __init__(self, task_id: int) -> None:
        super().__init__(f"There is no task {task_id}.")


class NoSuchDeal(NotFound):
    """The deal is gone, or was never there."""

    def __init__(self, deal_id: int) -> None:
        super().__init__(f"There is no deal {deal_id}.")


@dataclass(frozen=True, slots=True)
class Due:
    """A task with whose customer it is for, and who has to do it."""

    task: Task
    profile_id: int | None
    owner: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A deal with its customer and its owner."""

    deal: Deal
    profile_id: int
    owner: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A note in which somebody was named."""

    mention: Mention
    note: Note
    profile_id: int | None


@dataclass(frozen=True, slots=True)
class StageSum:
    """How many deals stand at a stage, and what they are worth in one currency, in minor units."""

    stage: str
    currency: str
    deals: int
    value_minor: int


def get_task(task_id: int) -> Task:
    """Raises NoSuchTask."""
    task = db.session.get(Task, task_id)
    if task is None:
        raise NoSuchTask(task_id)
    return task


def find_task(task_id: int) -> Task | None:
    """The same; None when it is gone."""
    found: Task | None = db.session.get(Task, task_id)
    return found


def tasks_from(origins: Collection[str]) -> dict[str, Task]:
    """origin → the task that came of it."""
    return {str(task.origin): task for task in db.session.scalars(select(Task).where(Task.origin.in_(origins)))}


def get_deal(deal_id: int) -> Deal:
    """Raises NoSuchDeal."""
    deal = db.session.get(Deal, deal_id)
    if deal is None:
        raise NoSuchDeal(deal_id)
    return deal


def open_tasks(*, owner_id: int | None = None, until: datetime | None = None, limit: int = 200) -> list[Due]:
    """What is to be done, the most urgent first, undated tasks last; of everybody when `owner_id` is None."""
    wanted: list[ColumnElement[bool]] = [Task.done_at.is_(None)]
    if owner_id is not None:
        wanted.append(Task.owner_id == owner_id)
    if until is not None:
        wanted.append(Task.due_at < until)
    undated_last = (Task.due_at.is_(None), Task.due_at, Task.id)
    return _dues(_tasks().where(*wanted).order_by(*undated_last).limit(limit))


def done_tasks(*, owner_id: int | None = None, limit: int = 50) -> list[Due]:
    """What was done, the latest first."""
    wanted: list[ColumnElement[bool]] = [Task.done_at.is_not(None)]
    if owner_id is not None:
        wanted.append(Task.owner_id == owner_id)
    return _dues(_tasks().where(*wanted).order_by(Task.done_at.desc(), Task.id.desc()).limit(limit))


def tasks_of(profile_id: int) -> list[Due]:
    """A customer's open tasks, the most urgent first."""
    wanted = _tasks().where(Contact.profile_id == profile_id, Task.done_at.is_(None))
    return _dues(wanted.order_by(Task.due_at.is_(None), Task.due_at, Task.id))


def calls_of(profile_id: int, *, limit: int = 5) -> list[tuple[Call, str]]:
    """A customer's calls with who logged them, the latest first."""
    query = select(Call, Staff.name).join(Staff, Staff.id == Call.staff_id)
    of = query.join(Contact, Contact.id == Call.contact_id).where(Contact.profile_id == profile_id)
    return [(call, name) for call, name in db.session.execute(of.order_by(Call.at.desc(), Call.id.desc()).limit(limit))]


def owner_of(profile_id: int) -> tuple[int, str] | None:
    """(id, name) of the colleague whose customer this is; None: nobody's."""
    return owners_of([profile_id]).get(profile_id)


def owners_of(profile_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """profile → (id, name) of the colleague whose customer it is; profiles that are nobody's are left out."""
    query = select(Contact.profile_id, Ownership.staff_id, Staff.name).join(Contact, Contact.id == Ownership.contact_id)
    query = query.outerjoin(Staff, Staff.id == Ownership.staff_id).where(Contact.profile_id.in_(profile_ids))
    newest_last = query.order_by(Ownership.set_at, Ownership.id)
    latest = {profile: (staff_id, name) for profile, staff_id, name in db.session.execute(newest_last)}
    return {profile: (staff_id, name) for profile, (staff_id, name) in latest.items() if staff_id is not None}


def deals_of(profile_id: int) -> list[Pending]:
    """A customer's deals, open ones first, then the latest."""
    found = _pending(_deals().where(Contact.profile_id == profile_id).order_by(Deal.moved_at.desc(), Deal.id))
    return sorted(found, key=lambda each: each.deal.stage not in stages.OPEN)


def deals_at(stage: str, *, owner_id: int | None = None, limit: int = 50) -> list[Pending]:
    """Deals at a stage: open ones with the next step that is due first, closed ones the latest first."""
    query = _deals().where(Deal.stage == stage)
    if owner_id is not None:
        query = query.where(Deal.owner_id == owner_id)
    by_step = (Deal.next_on.is_(None), Deal.next_on, Deal.id)
    order = by_step if stage in stages.OPEN else (Deal.moved_at.desc(), Deal.id.desc())
    return _pending(query.order_by(*order).limit(limit))


def sums(*, owner_id: int | None = None, closed_since: datetime) -> list[StageSum]:
    """What stands at each stage by currency; of closed deals only those closed since then."""
    recent = (Deal.stage.in_(stages.OPEN)) | (Deal.moved_at >= closed_since)
    query = select(Deal.stage, Deal.currency, func.count(), func.coalesce(func.sum(Deal.value_minor), 0)).where(recent)
    if owner_id is not None:
        query = query.where(Deal.owner_id == owner_id)
    return [StageSum(*row) for row in db.session.execute(query.group_by(Deal.stage, Deal.currency))]


def moves_of(deal_id: int) -> Sequence[DealMove]:
    """A deal's way, the first step first."""
    return db.session.scalars(select(DealMove).where(DealMove.deal_id == deal_id).order_by(DealMove.id)).all()


def unseen_mentions(staff_id: int, *, limit: int = 20) -> list[Asked]:
    """Notes that name a colleague and that they have not put away, the latest first."""
    query = select(Mention, Note, Contact.profile_id).join(Note, Note.id == Mention.note_id)
    query = query.outerjoin(Contact, Contact.id == Note.contact_id)
    wanted = query.where(Mention.staff_id == staff_id, Mention.seen_at.is_(None)).order_by(Mention.id.desc())
    return [Asked(*row) for row in db.session.execute(wanted.limit(limit))]


def _tasks() -> Select[Task, int | None, str]:
    query = select(Task, Contact.profile_id, Staff.name).join(Staff, Staff.id == Task.owner_id)
    return query.outerjoin(Contact, Contact.id == Task.contact_id)


def _dues(query: Select[Task, int | None, str]) -> list[Due]:
    return [Due(*row) for row in db.session.execute(query)]


def _pending(query: Select[Deal, int | None, str]) -> list[Pending]:
    return [Pending(deal, of, owner) for deal, of, owner in db.session.execute(query) if of is not None]


def _deals() -> Select[Deal, int | None, str]:
    query = select(Deal, Contact.profile_id, Staff.name).join(Staff, Staff.id == Deal.owner_id)
    return query.join(Contact, Contact.id == Deal.contact_id)
