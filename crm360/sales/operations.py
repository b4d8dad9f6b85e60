"""Writes down what colleagues do for customers, each with its line on the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update

from crm360.accounts.models import Staff
from crm360.accounts.queries import get_staff
from crm360.identity import queries as identity
from crm360.kernel.db import db
from crm360.kernel.errors import Invalid
from crm360.profiles import timeline
from crm360.profiles.models import Note, TimelineEntry
from crm360.sales import mentioning, queries, stages
from crm360.sales.models import Call, Deal, DealMove, Mention, Ownership, Task

LONGEST_TITLE = 200
LONGEST_TEXT = 20_000
DIRECTIONS = ("in", "out")
OUTCOMES = ("reached", "no_answer", "voicemail")
_SHOWN = 120


class BadTask(Invalid):
    """The task cannot be kept like this."""


class BadCall(Invalid):
    """The call cannot be kept like this."""


class BadDeal(Invalid):
    """The deal cannot be kept like this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a deal is about. `value_minor` in minor units of `currency`; None: not known yet."""

    title: str
    value_minor: int | None = None
    currency: str = ""
    next_step: str = ""
    next_on: date | None = None
    owner_id: int


def add_task(
    *,
    title: str,
    owner_id: int,
    by: str,
    now: datetime,
    profile_id: int | None = None,
    contact_id: int | None = None,
    due_at: datetime | None = None,
    whole_day: bool = True,
    origin: str | None = None,
) -> Task:
    """Give a colleague something to do. With an `origin` that has a task already, that one is returned as it is.

    It is about a customer, or about what came with one of their contacts (`contact_id`): then it goes where that goes.
    Raises BadTask, StaffNotFound, ProfileNotFound.
    """  # fmt: skip
    if origin is not None and (known := db.session.scalar(select(Task).where(Task.origin == origin))):
        return known
    if contact_id is None and profile_id is not None:
        contact_id = identity.anchor(profile_id)
    task = Task(
        contact_id=contact_id, title=_title(title, BadTask, "task"), due_at=due_at, whole_day=whole_day,
        owner_id=get_staff(owner_id).id, created_at=now, created_by=by, origin=origin,
    )  # fmt: skip
    db.session.add(task)
    db.session.flush()
    _task_line(task, now)
    return task


def task_title(title: str) -> str:
    """A title as it is kept. Raises BadTask."""
    return _title(title, BadTask, "task")


def change_task(*, task_id: int, title: str, due_at: datetime | None, whole_day: bool, owner_id: int) -> Task:
    """Say a task differently, put it off or hand it over. Raises BadTask, NoSuchTask, StaffNotFound."""
    task = queries.get_task(task_id)
    task.title, task.due_at, task.whole_day = _title(title, BadTask, "task"), due_at, whole_day
    task.owner_id = get_staff(owner_id).id
    db.session.flush()
    _task_line(task, task.created_at)
    return task


def finish_task(*, task_id: int, by: str, now: datetime) -> Task:
    """Mark a task done; one that is done stays as it was. Raises NoSuchTask."""
    task = queries.get_task(task_id)
    if task.done_at is None:
        task.done_at, task.done_by = now, by
        db.session.flush()
        _task_line(task, now)
    return task


def reopen_task(*, task_id: int, now: datetime) -> Task:
    """Take "done" back. Raises NoSuchTask."""
    task = queries.get_task(task_id)
    task.done_at, task.done_by = None, ""
    db.session.flush()
    _task_line(task, now)
    return task


def log_call(
    *, profile_id: int, direction: str, outcome: str, body: str, staff_id: int, at: datetime, now: datetime
) -> Call:
    """Write down a call. Raises BadCall, ProfileNotFound, StaffNotFound."""
    staff = get_staff(staff_id)
    if direction not in DIRECTIONS or outcome not in OUTCOMES:
        raise BadCall("A call needs a direction and an outcome.")
    if at > now:
        raise BadCall("A call cannot be in the future.", errors={"at": ["A call cannot be in the future."]})
    call = Call(
        contact_id=identity.anchor(profile_id), direction=direction, outcome=outcome, body=_text(body), at=at,
        staff_id=staff.id,
    )  # fmt: skip
    db.session.add(call)
    db.session.flush()
    said = {"by": staff.name, "channel": "phone", "outcome": outcome, "snippet": call.body[:_SHOWN]}
    line = timeline.Entry(call.contact_id, f"call.{direction}", at, call.body[:_SHOWN], said, f"call:{call.id}")
    timeline.note(entries=[line], now=now)
    return call


def set_owner(*, profile_id: int, staff_id: int | None, by: str, now: datetime) -> bool:
    """Say whose customer this is, None: nobody's; whether that changed anything. Raises StaffNotFound, ProfileNotFound."""
    staff = get_staff(staff_id) if staff_id is not None else None
    held = queries.owner_of(profile_id)
    if (held[0] if held else None) == staff_id:
        return False
    anchor = identity.anchor(profile_id)
    db.session.add(Ownership(contact_id=anchor, staff_id=staff_id, set_at=now, set_by=by))
    line = timeline.Entry(
        anchor, "owner.set" if staff else "owner.removed", now, staff.name if staff else "", {"by": by}
    )
    timeline.note(entries=[line], now=now)
    return True


def open_deal(*, profile_id: int, offer: Offer, by: str, now: datetime) -> Deal:
    """Begin a sale at the first stage. Raises BadDeal, StaffNotFound, ProfileNotFound."""
    deal = Deal(contact_id=identity.anchor(profile_id), stage=stages.OPEN[0], opened_at=now, moved_at=now)
    _fill(deal, offer)
    db.session.add(deal)
    db.session.flush()
    _moved(deal, by, now)
    return deal


def change_deal(*, deal_id: int, offer: Offer) -> Deal:
    """Correct what a deal is about. Raises BadDeal, NoSuchDeal, StaffNotFound."""
    deal = queries.get_deal(deal_id)
    _fill(deal, offer)
    db.session.flush()
    return deal


def move_deal(*, deal_id: int, stage: str, by: str, now: datetime, reason: str = "") -> Deal:
    """Bring a deal to a stage, back too; a lost one needs a reason. Raises BadDeal, NoSuchDeal."""
    deal = queries.get_deal(deal_id)
    if stage not in stages.ALL:
        raise BadDeal("There is no such stage.")
    reason = reason.strip()[:LONGEST_TITLE]
    if stage == stages.LOST and not reason:
        raise BadDeal("Say why it was lost.", errors={"reason": ["Say why it was lost."]})
    if deal.stage != stage:
        deal.stage, deal.moved_at, deal.reason = stage, now, reason if stage == stages.LOST else ""
        db.session.flush()
        _moved(deal, by, now)
    return deal


def note_mentions(*, note: Note) -> list[int]:
    """Ask the colleagues a note names to look; ids of those asked."""
    here = select(Staff.id, Staff.name, Staff.email).where(Staff.disabled_at.is_(None))
    colleagues = {number: (name, address) for number, name, address in db.session.execute(here)}
    asked = sorted(mentioning.mentioned(note.body, colleagues))
    known = set(db.session.scalars(select(Mention.staff_id).where(Mention.note_id == note.id)))
    db.session.add_all(Mention(note_id=note.id, staff_id=number) for number in asked if number not in known)
    db.session.flush()
    return asked


def see_mention(*, mention_id: int, staff_id: int, now: datetime) -> bool:
    """Put one away; whether it was one's own and still unseen."""
    mine = (Mention.id == mention_id, Mention.staff_id == staff_id, Mention.seen_at.is_(None))
    return bool(db.session.execute(update(Mention).where(*mine).values(seen_at=now)).rowcount)


def _fill(deal: Deal, offer: Offer) -> None:
    if offer.value_minor is not None and (offer.value_minor < 0 or not offer.currency):
        raise BadDeal("A value needs a currency and cannot be negative.")
    deal.title, deal.owner_id = _title(offer.title, BadDeal, "deal"), get_staff(offer.owner_id).id
    deal.value_minor, deal.currency = offer.value_minor, offer.currency if offer.value_minor is not None else ""
    deal.next_step, deal.next_on = offer.next_step.strip()[:LONGEST_TITLE], offer.next_on


def _moved(deal: Deal, by: str, now: datetime) -> None:
    db.session.add(DealMove(deal_id=deal.id, stage=deal.stage, moved_at=now, moved_by=by))
    said: dict[str, Any] = {"by": by, "stage": deal.stage}
    if deal.value_minor is not None:
        said |= {"amount_minor": deal.value_minor, "currency": deal.currency}
    if deal.reason:
        said["reason"] = deal.reason
    timeline.note(entries=[timeline.Entry(deal.contact_id, f"deal.{deal.stage}", now, deal.title, said)], now=now)


def _task_line(task: Task, now: datetime) -> None:
    """One line a task: when it was set, then when it was done."""
    if task.contact_id is None:
        return
    subject = f"task:{task.id}"
    if task.done_at is None:
        db.session.execute(delete(TimelineEntry).where(TimelineEntry.subject == subject))
        line = timeline.Entry(
            task.contact_id, "task.set", task.created_at, task.title, {"by": task.created_by}, subject
        )
    else:
        line = timeline.Entry(task.contact_id, "task.done", task.done_at, task.title, {"by": task.done_by}, subject)
    timeline.note(entries=[line], now=now)


def _title(title: str, error: type[Invalid], noun: str) -> str:
    cleaned = " ".join(title.split())
    if not cleaned:
        raise error(f"A {noun} needs a title.", errors={"title": [f"A {noun} needs a title."]})
    if len(cleaned) > LONGEST_TITLE:
        text = f"A title has at most {LONGEST_TITLE} characters."
        raise error(text, errors={"title": [text]})
    return cleaned


def _text(body: str) -> str:
    cleaned = body.replace("\r\n", "\n").strip()
    if len(cleaned) > LONGEST_TEXT:
        raise BadCall(f"A note has at most {LONGEST_TEXT} characters.")
    return cleaned
