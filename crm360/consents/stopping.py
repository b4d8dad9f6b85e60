"""Stops: what a person told us, or the law tells us, that stands above every consent. Placed, and lifted by a row."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, or_, select

from crm360.consents.models import Stop, StopLifted
from crm360.consents.policy import STOPS
from crm360.identity.models import Contact
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Invalid, NotFound
from crm360.profiles import feed


class UnusableStop(Invalid):
    """A stop that cannot be placed."""


class StopNotFound(NotFound):
    """There is no such stop."""


class Placed(NamedTuple):
    """A stop in force on one contact of a person."""

    id: int
    contact_id: int
    kind: str
    since: datetime
    until: datetime | None
    ground: str


def place(
    *, contact_ids: Collection[int], kind: str, since: datetime, until: datetime | None = None, ground: str, by: str,
    now: datetime,
) -> list[int]:  # fmt: skip
    """Stop what `kind` stops for the person these contacts are of; returns the ids of the stops.

    It is placed on every contact, so that after a split both parts keep it: errors fall on the quiet side.
    Raises UnusableStop.
    """
    if kind not in STOPS or not ground.strip() or not contact_ids:
        raise UnusableStop("A stop needs its kind and its ground.", errors={"ground": ["Say on which ground."]})
    rows = [
        Stop(contact_id=contact_id, kind=kind, since=min(since, now), until=until, ground=ground.strip(),
             recorded_at=now, recorded_by=by)
        for contact_id in sorted(contact_ids)
    ]  # fmt: skip
    db.session.add_all(rows)
    db.session.flush()
    feed.mark_contacts(contact_ids, now=now, cause="consent")
    return [row.id for row in rows]


def lift(*, stop_ids: Iterable[int], by: str, reason: str, now: datetime) -> int:
    """Let stops count no more; returns how many stood. Raises StopNotFound, UnusableStop without a reason."""
    ids = sorted(set(stop_ids))
    if not reason.strip():
        raise UnusableStop("Say why the stop is lifted.", errors={"reason": ["Say why the stop is lifted."]})
    there = dict(db.session.execute(select(Stop.id, Stop.contact_id).where(Stop.id.in_(ids))).all())
    if missing := set(ids) - there.keys():
        raise StopNotFound(f"There is no stop {min(missing)}.")
    feed.mark_contacts(there.values(), now=now, cause="consent")
    rows = [{"stop_id": stop_id, "lifted_at": now, "lifted_by": by, "reason": reason.strip()} for stop_id in ids]
    return dialects.insert_new(db.session, table_of(StopLifted), rows, ["stop_id"])


def standing(*, contact_ids: Collection[int]) -> list[Placed]:
    """The stops on these contacts that were not lifted, the newest first."""
    lifted = select(StopLifted.stop_id).where(StopLifted.stop_id == Stop.id).exists()
    query = select(Stop).where(Stop.contact_id.in_(contact_ids), ~lifted).order_by(Stop.id.desc())
    return [
        Placed(row.id, row.contact_id, row.kind, row.since, row.until, row.ground) for row in db.session.scalars(query)
    ]


def of_profiles(profile_ids: Collection[int]) -> dict[int, list[Placed]]:
    """Stops that were not lifted, by profile, of those that have any."""
    lifted = select(StopLifted.stop_id).where(StopLifted.stop_id == Stop.id).exists()
    query = select(Contact.profile_id, Stop).join(Contact, Contact.id == Stop.contact_id).where(~lifted)
    found: dict[int, list[Placed]] = {}
    for profile_id, stop in db.session.execute(query.where(Contact.profile_id.in_(profile_ids)).order_by(Stop.id)):
        placed = Placed(stop.id, stop.contact_id, stop.kind, stop.since, stop.until, stop.ground)
        found.setdefault(profile_id, []).append(placed)
    return found


def restricted_ids(*, now: datetime) -> Select[int | None]:
    """SELECT of every profile whose processing is restricted, for lists that leave them out."""
    lifted = select(StopLifted.stop_id).where(StopLifted.stop_id == Stop.id).exists()
    query = select(Contact.profile_id).join(Stop, Stop.contact_id == Contact.id).where(Stop.kind == "restriction")
    in_force = (Stop.since <= now, or_(Stop.until.is_(None), Stop.until > now), ~lifted)
    return query.where(*in_force, Contact.profile_id.is_not(None))


def restricted(profile_ids: Collection[int], *, now: datetime) -> set[int]:
    """Of these profiles, those whose processing is restricted (Article 18): nobody but the privacy role reads them."""
    return {
        profile_id
        for profile_id, stops in of_profiles(profile_ids).items()
        if any(
            stop.kind == "restriction" and stop.since <= now and (not stop.until or now < stop.until) for stop in stops
        )
    }
