"""Whom a campaign reaches and why not the others: everybody considered, each with one answer. Nothing here writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from crm360.consents import reaching
from crm360.consents.reaching import Reached
from crm360.identity.models import Contact
from crm360.kernel import dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.outreach import drawing
from crm360.outreach.models import Recipient
from crm360.outreach.plan import House, Plan

#: Where a waterfall leaves people behind, in its order; the last are those the message goes to.
STEPS = (*reaching.STEPS[:-1], "same_address", "capped", "control", "reachable")

#: States of recipients whose message left, may have left, or is about to.
USED = ("sent", "unknown", "handed")


class Considered(NamedTuple):
    """One customer: where the waterfall leaves them, why, and the address that would be used."""

    profile_id: int
    step: str
    reason: str
    evidence: tuple[int, ...] = ()
    contact_id: int | None = None
    identifier_id: int | None = None


class Fall(NamedTuple):
    """One step of the waterfall: how many it leaves behind and how many go on."""

    step: str
    lost: int
    left: int


def consider(
    *, profile_ids: Collection[int], campaign_id: int, purpose: str, channel: str, plan: Plan, house: House, now: datetime
) -> list[Considered]:  # fmt: skip
    """One answer per customer, in their order. `campaign_id` 0: one that is not kept yet."""
    capped = over_cap(profile_ids, plan=plan, house=house, now=now, besides=campaign_id)
    taken: set[str] = set()
    found: list[Considered] = []
    for reached in reaching.reach(profile_ids, purpose=purpose, channel=channel, now=now):
        found.append(_answer(reached, taken, capped, campaign_id, plan, house))
        if found[-1].step == "reachable":
            taken.add(reached.normal)
    return found


def waterfall(steps: Iterable[str]) -> list[Fall]:
    """The steps with how many people each leaves behind; the first line is everybody, the last those who are reached."""
    counted = Counter(steps)
    left = sum(counted.values())
    falls = [Fall("matched", 0, left)]
    for step in STEPS[:-1]:
        left -= counted[step]
        falls.append(Fall(step, counted[step], left))
    return falls


def over_cap(
    profile_ids: Collection[int],
    *,
    plan: Plan,
    house: House,
    now: datetime,
    besides: int = 0,
    states: Sequence[str] = ("sent", "unknown", "handed", "waiting"),
) -> Mapping[int, int]:
    """profile → how many messages it had within the days of the cap, for those who can have no more.

    Messages that wait in other running campaigns count too: they are promised. `besides`: not those of this campaign.
    """
    most = min(plan.cap or house.cap_messages, house.cap_messages)
    recent = Recipient.settled_at > now - timedelta(days=house.cap_days)
    promised = Recipient.settled_at.is_(None)
    counts = Recipient.state.in_(states) & (promised | recent)
    query = (
        select(Contact.profile_id, func.count())
        .join(Recipient, Recipient.contact_id == Contact.id)
        .where(dialects.Among(Contact.profile_id), counts, Recipient.campaign_id != besides)
        .group_by(Contact.profile_id)
        .having(func.count() >= most)
    )
    found: dict[int, int] = {}
    for some in chunked(profile_ids, 5000):
        found.update((profile, int(count)) for profile, count in db.session.execute(query, {"values": some}))
    return found


def had(*, campaign_id: int, profile_ids: Collection[int], states: Sequence[str] = USED) -> dict[int, set[int]]:
    """profile → as which recipients this campaign reached it: several, after profiles were merged."""
    query = (
        select(Contact.profile_id, Recipient.id)
        .join(Recipient, Recipient.contact_id == Contact.id)
        .where(dialects.Among(Contact.profile_id), Recipient.campaign_id == campaign_id, Recipient.state.in_(states))
    )
    found: dict[int, set[int]] = {}
    for some in chunked(profile_ids, 5000):
        for profile, recipient in db.session.execute(query, {"values": some}):
            found.setdefault(profile, set()).add(recipient)
    return found


def _answer(
    reached: Reached, taken: set[str], capped: Mapping[int, int], campaign_id: int, plan: Plan, house: House
) -> Considered:
    evidence = reached.verdict.evidence if reached.verdict else ()
    step, reason = reached.step, reached.reason
    if reached.reachable:
        if reached.normal in taken:
            step = reason = "same_address"
        elif reached.profile_id in capped:
            step = reason = "capped"
        elif drawing.in_control(house.key, campaign_id, reached.profile_id, plan.control_percent):
            step = reason = "control"
    return Considered(reached.profile_id, step, reason, evidence, reached.contact_id, reached.identifier_id)


def anchors(profile_ids: Sequence[int]) -> dict[int, int]:
    """profile → a contact of it, for those without any address."""
    query = (
        select(Contact.profile_id, func.min(Contact.id))
        .where(dialects.Among(Contact.profile_id))
        .group_by(Contact.profile_id)
    )
    found: dict[int, int] = {}
    for some in chunked(profile_ids, 5000):
        found.update((profile, contact) for profile, contact in db.session.execute(query, {"values": some}))
    return found
