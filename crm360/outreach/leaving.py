"""A letter of a campaign at the moment it is to leave: may it still go, must it wait, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from crm360.identity.models import Contact
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.outbox.models import Letter
from crm360.outreach import audience, facing, plan, quiet
from crm360.outreach.composing import campaign_of
from crm360.outreach.models import Campaign, Recipient
from crm360.outreach.plan import House
from crm360.profiles import timeline

#: A letter that came back from a server while its campaign rests is looked at again after this.
_REST = timedelta(minutes=5)

#: Ends of letters, which are those of their recipients.
_SETTLED = ("sent", "refused", "unknown", "stopped", "cancelled")


class Held(NamedTuple):
    """A letter that must not leave now: for good, or until a moment."""

    reason: str
    until: datetime | None = None


def hold(letter: Letter, now: datetime, *, house: House) -> Held | None:
    """What besides consent keeps a letter: its campaign rests, the reader sleeps, had it already or has had enough."""
    campaign_id = campaign_of(letter.subject_of)
    recipient = _recipient(letter.id) if campaign_id else None
    if campaign_id is None or recipient is None:
        return None
    campaign = db.session.get(Campaign, campaign_id, populate_existing=True)
    if campaign is None or campaign.state in ("paused", "cancelled"):
        return Held("paused", now + _REST) if campaign and campaign.state == "paused" else Held("cancelled")
    profile_id = db.session.scalar(select(Contact.profile_id).where(Contact.id == recipient.contact_id))
    if audience.had_already(
        campaign_id=campaign_id, profile_id=profile_id, but=recipient.id, states=("sent", "unknown")
    ):
        return Held("already_received")
    lives = facing.countries([profile_id]).get(profile_id, "")
    zones = quiet.zones_of(lives, house.zone)
    due = quiet.earliest(now, zones, house.quiet_from, house.quiet_until)
    if due > now:
        return Held("quiet", due)
    chosen = plan.kept(campaign.settings)
    full = audience.over_cap(
        [profile_id], plan=chosen, house=house, now=now, besides=campaign_id, states=("sent", "unknown")
    )
    return Held("capped") if profile_id in full else None


def follow(*, letter_ids: Collection[int], now: datetime) -> int:
    """Write down for recipients what became of their letters, with a line in their timeline; returns how many changed."""
    changed = 0
    for some in chunked(letter_ids):
        query = (
            select(Recipient, Letter)
            .join(Letter, Letter.id == Recipient.letter_id)
            .where(Letter.id.in_(some), Letter.state.in_(_SETTLED), Recipient.state.in_(("handed", "unknown")))
            .where(Letter.state != Recipient.state)
            .execution_options(populate_existing=True)
        )
        changed += sum(_settle(recipient, letter, now) for recipient, letter in db.session.execute(query).all())
    return changed


def straggling(campaign_id: int) -> list[int]:
    """Letters whose recipients have not heard of their end: of a sender that died."""
    query = (
        select(Letter.id)
        .join(Recipient, Recipient.letter_id == Letter.id)
        .where(Recipient.campaign_id == campaign_id, Recipient.state == "handed", Letter.state.in_(_SETTLED))
    )
    return list(db.session.scalars(query))


def _recipient(letter_id: int) -> Recipient | None:
    found: Recipient | None = db.session.scalar(select(Recipient).where(Recipient.letter_id == letter_id))
    return found


def _settle(recipient: Recipient, letter: Letter, now: datetime) -> int:
    recipient.state = letter.state
    recipient.reason = recipient.reason if letter.state == "sent" else letter.reason
    recipient.settled_at = letter.settled_at or now
    db.session.flush()
    if letter.state in ("sent", "unknown"):
        said = {"campaign_id": recipient.campaign_id, "address": letter.to_address, "message_id": letter.message_id}
        timeline.note(
            entries=[
                timeline.Entry(
                    recipient.contact_id, "email.sent", recipient.settled_at, letter.subject,
                    {**said, "recipient_id": recipient.id}, f"campaign-letter:{letter.id}",
                )
            ],
            now=now,
        )  # fmt: skip
    return 1
