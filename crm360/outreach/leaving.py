"""A letter of a campaign at the moment it is to leave: may it still go, must it wait, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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


def holds(letters: Sequence[Letter], now: datetime, *, house: House) -> dict[int, Held]:
    """What besides consent keeps letters, by their ids: their campaign rests, the reader sleeps, had it or has had enough."""
    numbers = {each.id: number for each in letters if (number := campaign_of(each.subject_of)) is not None}
    recipients = _recipients(list(numbers))
    if not recipients:
        return {}
    query = select(Campaign).where(Campaign.id.in_(set(numbers.values()))).execution_options(populate_existing=True)
    campaigns = {each.id: each for each in db.session.scalars(query)}
    held: dict[int, Held] = {}
    for number in sorted(set(numbers.values())):
        own = {each: recipients[each] for each in recipients if numbers[each] == number}
        held |= _of_campaign(campaigns.get(number), number, own, now, house)
    return held


def _of_campaign(
    campaign: Campaign | None, number: int, recipients: Mapping[int, Recipient], now: datetime, house: House
) -> dict[int, Held]:
    if campaign is None or campaign.state in ("paused", "cancelled"):
        said = Held("paused", now + _REST) if campaign and campaign.state == "paused" else Held("cancelled")
        return dict.fromkeys(recipients, said)
    contacts = [each.contact_id for each in recipients.values()]
    profile_of: dict[int, int | None] = dict(
        db.session.execute(select(Contact.id, Contact.profile_id).where(Contact.id.in_(contacts))).all()
    )
    profiles = [each for each in profile_of.values() if each is not None]
    had = audience.had(campaign_id=number, profile_ids=profiles, states=("sent", "unknown"))
    lives = facing.countries(profiles)
    full = audience.over_cap(
        profiles, plan=plan.kept(campaign.settings), house=house, now=now, besides=number, states=("sent", "unknown")
    )
    held: dict[int, Held] = {}
    for letter_id, recipient in recipients.items():
        profile_id = profile_of.get(recipient.contact_id) or 0
        due = quiet.earliest(
            now, quiet.zones_of(lives.get(profile_id, ""), house.zone), house.quiet_from, house.quiet_until
        )
        if had.get(profile_id, set()) - {recipient.id}:
            held[letter_id] = Held("already_received")
        elif due > now:
            held[letter_id] = Held("quiet", due)
        elif profile_id in full:
            held[letter_id] = Held("capped")
    return held


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


def belongs(letter: Letter) -> bool:
    """Whether the letter is a campaign's."""
    return campaign_of(letter.subject_of) is not None


def straggling(campaign_id: int) -> list[int]:
    """Letters whose recipients have not heard of their end: of a sender that died."""
    query = (
        select(Letter.id)
        .join(Recipient, Recipient.letter_id == Letter.id)
        .where(Recipient.campaign_id == campaign_id, Recipient.state == "handed", Letter.state.in_(_SETTLED))
    )
    return list(db.session.scalars(query))


def _recipients(letter_ids: Collection[int]) -> dict[int, Recipient]:
    """letter → whose it is."""
    query = select(Recipient).where(Recipient.letter_id.in_(letter_ids))
    return {each.letter_id: each for each in db.session.scalars(query) if each.letter_id is not None}


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
