"""Setting how many values of a kind a profile collects, and holding every profile against a new limit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import aliased

from crm360.identity import devices, in_force, judging, limits, repartition, ruling
from crm360.identity.models import Contact, ContactIdentifier, Edge, Limit
from crm360.kernel import dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Invalid

_BATCH = 500


class BadLimit(Invalid):
    """The number is no limit, or the kind has none."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, errors={"most": [reason]})


def set_limit(*, kind: str, most: int, by: str, now: datetime) -> bool:
    """At most `most` values of a kind per profile, 0: any number; whether that is a change. Waits for `apply_limits`."""
    if kind not in limits.USUAL:
        raise BadLimit(f"{kind!r} is no kind with a limit.")
    if not 0 <= most <= limits.MOST:
        raise BadLimit(f"A limit is a whole number from 0 (none) to {limits.MOST}.")
    if kind == limits.BULK and most > 99:
        raise BadLimit("Nothing is surer than 99 percent.")
    if ruling.limits_in_force()[kind] == most:
        return False
    row = {"kind": kind, "most": most, "set_at": now, "set_by": by, "applied_at": now if kind == limits.BULK else None}
    dialects.upsert(db.session, table_of(Limit), [row], ["kind"])
    return True


def set_limits() -> dict[str, Limit]:
    """kind → the limit an administrator set."""
    return {limit.kind: limit for limit in db.session.scalars(select(Limit))}


def limits_wait() -> bool:
    """Whether a limit was set that profiles have not been held against yet."""
    return bool(db.session.scalar(select(exists().where(Limit.applied_at.is_(None)))))


def apply_limits(*, now: datetime) -> set[int]:
    """Recompute whoever the limits may part or let join; returns the profiles touched."""
    dialects.lock_partition(db.session)
    touched: set[int] = set()
    for batch in chunked(sorted(_crowded() | _held()), _BATCH):
        near, moved = repartition.repartition(
            batch, known=judging.Known(in_force.settled(now=now).judge), now=now, cause="limit"
        )
        touched |= near | devices.attach(moved, now=now)
    db.session.execute(update(Limit).where(Limit.applied_at.is_(None)).values(applied_at=now))
    return touched


def _crowded() -> set[int]:
    """Named contacts of profiles that hold more of a kind than its limit; customer ids are counted over all shops."""
    found: set[int] = set()
    for kind, most in ruling.limits_in_force().items():
        if kind not in limits.DEFAULTS:
            continue
        count = func.count() if kind == "record" else func.count(func.distinct(ContactIdentifier.normal))
        query = select(Contact.profile_id).where(Contact.profile_id.is_not(None), Contact.anonymous.is_(False))
        if kind != "record":
            query = query.join(ContactIdentifier, ContactIdentifier.contact_id == Contact.id)
            query = query.where(ContactIdentifier.kind == kind)
        crowded = query.group_by(Contact.profile_id).having(count > most)
        if most:
            theirs = select(Contact.id).where(Contact.profile_id.in_(crowded), Contact.anonymous.is_(False))
            found |= set(db.session.scalars(theirs))
    return found


def _held() -> set[int]:
    """Contacts of two profiles whose pair is strong enough to join."""
    left, right = aliased(Contact), aliased(Contact)
    query = (
        select(Edge.left_id, Edge.right_id)
        .join(left, left.id == Edge.left_id)
        .join(right, right.id == Edge.right_id)
        .where(Edge.weight >= in_force.current().judge.model.join, left.profile_id != right.profile_id)
    )
    return {contact for pair in db.session.execute(query) for contact in pair}
