"""What is done in a case, from its opening to its end; each act leaves a line in the case's log."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, Invalid, NotFound
from crm360.privacy import deadlines
from crm360.privacy.models import Case, Event, Package, Step
from crm360.privacy.rights import GROUNDS, RIGHTS, needs_proof

#: Statuses of a case that somebody still has to do something about.
UNFINISHED = ("open", "working", "done")
#: How a system that passes requests on shows who asked.
VOUCHED = "vouched for by the system that asked"


class CaseNotFound(NotFound):
    """There is no such case."""


class NotNow(Conflict):
    """What a case is in does not allow that."""


class NotSaid(Invalid):
    """Something that must be said is missing."""


def get(case_id: int) -> Case:
    """A case. Raises CaseNotFound."""
    found: Case | None = db.session.get(Case, case_id)
    if found is None:
        raise CaseNotFound(f"There is no case {case_id}.")
    return found


def note(*, case_id: int, what: str, by: str, now: datetime, details: Mapping[str, Any] | None = None) -> None:
    """A line of the log; `details` hold numbers and codes, nothing of the person."""
    db.session.add(Event(case_id=case_id, at=now, by=by, what=what, details=dict(details or {})))
    db.session.flush()


def note_all(
    *, cases: Sequence[Case], what: str, by: str, now: datetime, details: Mapping[str, Any] | None = None
) -> None:
    """The same line in the log of each of many."""
    db.session.add_all(
        Event(case_id=case.id, at=now, by=by, what=what, details=dict(details or {})) for case in cases
    )  # fmt: skip
    db.session.flush()


def open_by_staff(
    *, right: str, contact_id: int, via: str, received_on: datetime, number: str, by: str, country: str, now: datetime
) -> Case:  # fmt: skip
    """A case for a request that came by letter, by telephone or at the counter. Raises NotSaid."""
    if right not in RIGHTS or RIGHTS[right].code == "shop_erasure" or received_on > now:
        raise NotSaid("Choose what was asked for, and on which day it came.")
    free = deadlines.public_holidays(country, received_on.year)
    case = Case(
        right=right, received_at=received_on, received_via=via, source="staff", external_id=number,
        due_on=deadlines.due_on(received_on.date(), free_days=free), contact_id=contact_id, opened_at=now,
        identifiers=[], details={},
    )  # fmt: skip
    db.session.add(case)
    db.session.flush()
    note(case_id=case.id, what="opened", by=by, now=now)
    return case


def verify(*, case: Case, method: str, level: int, by: str, now: datetime) -> None:
    """The requester showed to be the person; how is kept, what they showed is not."""
    _must_be(case, "open")
    case.verification = {"method": method, "level": level, "at": now.isoformat(), "by": by}
    note(case_id=case.id, what="verified", by=by, now=now, details={"method": method, "level": level})


def vouched(*, cases: Sequence[Case], by: str, now: datetime) -> None:
    """Another system passed these requests on; that the requesters are who they say is its word."""
    for case in cases:
        case.verification = {"method": VOUCHED, "level": 1, "at": now.isoformat(), "by": by}
    note_all(cases=cases, what="verified", by=by, now=now, details={"method": VOUCHED, "level": 1})


def met(*, cases: Sequence[Case], by: str, now: datetime) -> None:
    """Granted and done in one go, as what asks for no decision is."""
    for case in cases:
        _must_be(case, "open")
        case.decision, case.decided_at, case.decided_by, case.status = "granted", now, by, "done"
    note_all(cases=cases, what="granted", by=by, now=now)
    note_all(cases=cases, what="done", by=by, now=now)


def pause(*, case: Case, by: str, now: datetime) -> None:
    """The clock rests while the requester has to show who they are, or to say what they mean."""
    _must_be(case, "open")
    if case.paused_at is not None:
        raise NotNow("The clock of this case rests already.")
    case.paused_at = now
    note(case_id=case.id, what="paused", by=by, now=now)


def resume(*, case: Case, by: str, country: str, now: datetime) -> None:
    """The clock goes on; the last day moves by as many days as it rested, off weekends and holidays."""
    if case.paused_at is None:
        raise NotNow("The clock of this case runs.")
    rested = (now.date() - case.paused_at.date()).days
    case.due_on = deadlines.moved(case.due_on, days=rested, free_days=_free(country, case))
    case.paused_at = None
    note(case_id=case.id, what="resumed", by=by, now=now, details={"days": rested})


def extend(*, case: Case, reason: str, by: str, country: str, now: datetime) -> date:
    """Two months more, once, said within the first month, with the reason the requester is told (Article 12(3))."""
    _must_be(case, "open", "working")
    if not reason.strip():
        raise NotSaid("Say why more time is needed; the requester is told.", errors={"reason": ["Say why."]})
    if case.extension:
        raise NotNow("This case was extended already; the law allows it once.")
    if now.date() > case.due_on:
        raise NotNow("The first month is over; it cannot be extended any more.")
    until = deadlines.due_on(case.received_at.date(), months=3, free_days=_free(country, case))
    case.extension = {"until": until.isoformat(), "reason": reason.strip(), "at": now.isoformat(), "by": by}
    case.due_on = max(until, case.due_on)
    note(case_id=case.id, what="extended", by=by, now=now, details={"until": until.isoformat()})
    return case.due_on


def grant(*, case: Case, by: str, now: datetime) -> None:
    """It will be met. Raises NotNow before the requester showed who they are, where the right asks for that."""
    _must_be(case, "open")
    if needs_proof(case.right) and not case.verification:
        raise NotNow("First the requester has to show who they are.")
    if case.contact_id is None and case.right != "shop_erasure":
        raise NotNow("Nobody known is linked to this case; refuse it, or link the customer first.")
    case.decision, case.decided_at, case.decided_by, case.status = "granted", now, by, "working"
    note(case_id=case.id, what="granted", by=by, now=now)


def refuse(*, case: Case, ground: str, by: str, now: datetime) -> None:
    """It will not be met, on one of the grounds the law knows; the requester is told it and how to complain."""
    _must_be(case, "open")
    if ground not in GROUNDS:
        raise NotSaid("Choose the ground.", errors={"ground": ["Choose the ground."]})
    case.decision, case.decided_at, case.decided_by = "refused", now, by
    case.refusal_ground, case.status = ground, "refused"
    note(case_id=case.id, what="refused", by=by, now=now, details={"ground": ground})
    _end(case, now)


def cancel(*, case: Case, by: str, now: datetime) -> None:
    """The requester takes it back."""
    _must_be(case, "open")
    case.status = "cancelled"
    note(case_id=case.id, what="cancelled", by=by, now=now)
    _end(case, now)


def finish(*, case: Case, by: str, now: datetime, details: Mapping[str, Any] | None = None) -> None:
    """What was asked is done; a colleague looks at it and closes the case."""
    case.status = "done"
    note(case_id=case.id, what="done", by=by, now=now, details=details)


def close(*, case: Case, by: str, now: datetime) -> None:
    """The requester has their answer. Raises NotNow while it is not done."""
    _must_be(case, "done")
    case.status = "closed"
    note(case_id=case.id, what="closed", by=by, now=now)
    _end(case, now)


def link(*, case: Case, contact_id: int, by: str, now: datetime) -> None:
    """This customer is meant."""
    _must_be(case, "open")
    case.contact_id = contact_id
    note(case_id=case.id, what="linked", by=by, now=now)


def log_of(case_id: int) -> list[Event]:
    """What was done, the first act first."""
    return list(db.session.scalars(select(Event).where(Event.case_id == case_id).order_by(Event.id)))


def steps_of(case_id: int) -> list[Step]:
    """The steps of its work in their order."""
    return list(db.session.scalars(select(Step).where(Step.case_id == case_id).order_by(Step.position)))


def packages_of(case_id: int) -> list[Package]:
    """Packages made or being made in it, the newest first."""
    return list(db.session.scalars(select(Package).where(Package.case_id == case_id).order_by(Package.id.desc())))


def lay_out(*, case: Case, names: Sequence[str]) -> None:
    """The steps the worker will go."""
    for position, name in enumerate(names):
        db.session.add(Step(case_id=case.id, position=position, name=name, counts={}))
    db.session.flush()


def next_step(rights: Collection[str]) -> Step | None:
    """The first step that is not done, of the oldest case at work."""
    query = (
        select(Step)
        .join(Case, Case.id == Step.case_id)
        .where(Case.status == "working", Case.right.in_(rights), Step.state != "done")
        .order_by(Step.case_id, Step.position)
        .limit(1)
    )
    found: Step | None = db.session.scalar(query)
    return found


def _must_be(case: Case, *statuses: str) -> None:
    if case.status not in statuses:
        raise NotNow("This case is past that.")


def _end(case: Case, now: datetime) -> None:
    """Evidence of who asked is not kept longer than the decision took (Article 5(1)(e)); how it was shown is."""
    case.closed_at, case.paused_at = now, None


def _free(country: str, case: Case) -> frozenset[date]:
    return deadlines.public_holidays(country, case.due_on.year)
