"""When the passing of time alone may change a verdict: a consent runs out, a stop begins or ends. Nothing here writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from crm360.consents.definitions import catalogue
from crm360.consents.models import Statement, Stop
from crm360.consents.policy import runs_out
from crm360.consents.reaching import ADDRESSES
from crm360.identity.models import Contact, ContactIdentifier
from crm360.kernel.batches import chunked
from crm360.kernel.db import db


def points(profile_ids: Collection[int], *, purpose: str, channel: str, now: datetime) -> dict[int, datetime]:
    """profile → the earliest moment after `now` at which what we may do could change without anything being said."""
    found: dict[int, datetime] = {}
    for chunk in chunked(profile_ids):
        for profile_id, at in [*_ends(chunk, purpose, channel, now), *_stops(chunk)]:
            if at > now:
                found[profile_id] = min(at, found.get(profile_id, at))
    return found


def _ends(profile_ids: list[int], purpose: str, channel: str, now: datetime) -> list[tuple[int, datetime]]:
    rule = catalogue(now=now).of(purpose)
    query = (
        select(Contact.profile_id, Statement)
        .join(ContactIdentifier, ContactIdentifier.contact_id == Contact.id)
        .join(
            Statement,
            (Statement.identifier_kind == ContactIdentifier.kind)
            & (Statement.identifier_normal == ContactIdentifier.normal),
        )
        .where(Contact.profile_id.in_(profile_ids), ContactIdentifier.kind == ADDRESSES[channel])
        .where(Statement.purpose == purpose, Statement.channel == channel)
    )
    said = db.session.execute(query).all()
    ends = [(profile, runs_out(act, rule)) for profile, act in said if act.state == "given" and rule.validity_months]
    return ends + [(profile, min(act.occurred_at, act.recorded_at)) for profile, act in said]


def sharing(profile_ids: Collection[int]) -> dict[int, set[int]]:
    """profile → the profiles that hold one of its addresses, itself included: what binds one of them narrows all."""
    found: dict[int, set[int]] = {each: {each} for each in profile_ids}
    own, other, contact = aliased(ContactIdentifier), aliased(ContactIdentifier), aliased(Contact)
    for chunk in chunked(profile_ids):
        query = (
            select(Contact.profile_id, contact.profile_id)
            .join(own, own.contact_id == Contact.id)
            .join(other, (other.kind == own.kind) & (other.normal == own.normal))
            .join(contact, contact.id == other.contact_id)
            .where(Contact.profile_id.in_(chunk), own.kind.in_(("email", "phone")))
            .where(contact.profile_id.is_not(None), contact.profile_id != Contact.profile_id)
        )
        for profile_id, holder in db.session.execute(query):
            found[profile_id].add(holder)
    return found


def _stops(profile_ids: list[int]) -> list[tuple[int, datetime]]:
    shared = sharing(profile_ids)
    bound: defaultdict[int, list[datetime]] = defaultdict(list)
    for chunk in chunked({other for others in shared.values() for other in others}):
        query = select(Contact.profile_id, Stop.since, Stop.until).join(Stop, Stop.contact_id == Contact.id)
        for holder, since, until in db.session.execute(query.where(Contact.profile_id.in_(chunk))):
            bound[holder] += [at for at in (since, until) if at is not None]
    return [(each, at) for each, others in shared.items() for other in others for at in bound.get(other, ())]
