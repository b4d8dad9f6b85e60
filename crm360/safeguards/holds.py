"""Legal holds: what two people said must be kept, and until when somebody looks again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select

from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from crm360.safeguards.models import HeldContact, Hold


class UnusableHold(Invalid):
    """A hold that cannot be asked for like this."""


class HoldNotFound(NotFound):
    """There is no such hold."""


class OwnHold(Forbidden):
    """Nobody approves the hold they asked for."""


class HoldSettled(Conflict):
    """The hold was approved or released before."""


class By(NamedTuple):
    """The colleague who acts."""

    id: int
    name: str


def ask(
    *, contact_ids: Collection[int], ground: str, legal_ref: str = "", review_on: date, by: By, now: datetime
) -> Hold:
    """Ask for a hold on these contacts; it stands once somebody else approves it. Raises UnusableHold."""
    faults = {
        "ground": [] if ground.strip() else ["Say on which ground."],
        "review_on": [] if review_on > now.date() else ["The review must be on a day to come."],
        "contact_ids": [] if contact_ids else ["A hold needs a customer."],
    }
    if any(faults.values()):
        raise UnusableHold("The hold cannot be kept like this.", errors={n: f for n, f in faults.items() if f})
    made = Hold(
        ground=ground.strip(), legal_ref=legal_ref.strip(), review_on=review_on, requested_at=now,
        requested_by_id=by.id, requested_by=by.name,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    rows = [{"hold_id": made.id, "contact_id": contact_id} for contact_id in sorted(set(contact_ids))]
    db.session.execute(table_of(HeldContact).insert(), rows)
    return made


def approve(*, hold_id: int, by: By, now: datetime) -> Hold:
    """The second person agrees: from now on it stands. Raises HoldNotFound, HoldSettled, OwnHold."""
    hold = get(hold_id)
    if hold.approved_at is not None or hold.released_at is not None:
        raise HoldSettled("This hold was settled already.")
    if hold.requested_by_id == by.id:
        raise OwnHold("Another colleague must approve the hold you asked for.")
    hold.approved_at, hold.approved_by = now, by.name
    db.session.flush()
    return hold


def release(*, hold_id: int, reason: str, by: By, now: datetime) -> Hold:
    """It is needed no more, or was refused. Raises HoldNotFound, HoldSettled, UnusableHold without a reason."""
    hold = get(hold_id)
    if hold.released_at is not None:
        raise HoldSettled("This hold was settled already.")
    if not reason.strip():
        raise UnusableHold("Say why the hold is released.", errors={"reason": ["Say why the hold is released."]})
    hold.released_at, hold.released_by, hold.release_reason = now, by.name, reason.strip()
    db.session.flush()
    return hold


def prolong(*, hold_id: int, review_on: date, now: datetime) -> Hold:
    """Somebody looked, and it is still needed until another day. Raises HoldNotFound, HoldSettled, UnusableHold."""
    hold = get(hold_id)
    if hold.released_at is not None:
        raise HoldSettled("This hold was settled already.")
    if review_on <= now.date():
        told = "The review must be on a day to come."
        raise UnusableHold(told, errors={"review_on": [told]})
    hold.review_on = review_on
    db.session.flush()
    return hold


def get(hold_id: int) -> Hold:
    """Raises HoldNotFound."""
    found: Hold | None = db.session.get(Hold, hold_id)
    if found is None:
        raise HoldNotFound(f"There is no hold {hold_id}.")
    return found


def held(contact_ids: Iterable[int]) -> dict[int, list[Hold]]:
    """The holds that stand over each of these contacts; contacts under none are left out."""
    found: defaultdict[int, list[Hold]] = defaultdict(list)
    for some in chunked(contact_ids):
        query = select(HeldContact.contact_id, Hold).join(Hold, Hold.id == HeldContact.hold_id)
        for contact_id, hold in db.session.execute(query.where(_STANDS, HeldContact.contact_id.in_(some))):
            found[contact_id].append(hold)
    return dict(found)


def held_contacts() -> Select[int]:
    """A SELECT of the contacts that a hold stands over, for use in `IN`."""
    return select(HeldContact.contact_id).join(Hold, Hold.id == HeldContact.hold_id).where(_STANDS)


_STANDS = Hold.approved_at.is_not(None) & Hold.released_at.is_(None)


def register(*, limit: int = 200) -> list[tuple[Hold, list[int]]]:
    """Every hold with its contacts: those that wait and stand first, by review day, then the released ones."""
    order = (Hold.released_at.is_not(None), Hold.approved_at.is_not(None), Hold.review_on, Hold.id)
    rows = list(db.session.scalars(select(Hold).order_by(*order).limit(limit)))
    contacts: defaultdict[int, list[int]] = defaultdict(list)
    for some in chunked(hold.id for hold in rows):
        query = select(HeldContact.hold_id, HeldContact.contact_id).where(HeldContact.hold_id.in_(some))
        for hold_id, contact_id in db.session.execute(query.order_by(HeldContact.contact_id)):
            contacts[hold_id].append(contact_id)
    return [(hold, contacts[hold.id]) for hold in rows]


class Waiting(NamedTuple):
    """Holds that wait: for the second person, and for their review."""

    to_approve: int
    to_review: int


def waiting(*, on: date) -> Waiting:
    """How many holds wait for somebody on a day."""
    to_approve = func.count().filter(Hold.approved_at.is_(None))
    to_review = func.count().filter(Hold.approved_at.is_not(None), Hold.review_on <= on)
    row = db.session.execute(select(to_approve, to_review).where(Hold.released_at.is_(None))).one()
    return Waiting(*map(int, row))
