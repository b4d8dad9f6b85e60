"""A running campaign hands over: the next recipients that are due are asked for again, and their letters are promised.

The letters and the rows that say so are kept in one transaction, so a worker killed in between promises none twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from crm360.consents import asking
from crm360.identity.models import Contact, ContactIdentifier
from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.outbox import operations as outbox
from crm360.outbox.models import Letter
from crm360.outbox.operations import NewLetter, UnusableLetter
from crm360.outreach import facing, queries
from crm360.outreach.composing import Composer
from crm360.outreach.models import Campaign, Recipient
from crm360.outreach.plan import House
from crm360.outreach.rendering import BadTemplate

#: Letters handed over at once: what waits in the outbox can no longer be composed anew.
BATCH = 200


def hand_over(*, campaign: Campaign, house: House, now: datetime, limit: int = BATCH) -> int:
    """Promise the letters of the recipients due longest, at most `limit`; returns how many were dealt with."""
    due = (
        select(Recipient)
        .where(Recipient.campaign_id == campaign.id, Recipient.state == "waiting", Recipient.variant != "")
        .where(Recipient.due_at <= now)
        .order_by(Recipient.due_at, Recipient.id)
        .limit(limit)
        .with_for_update(**dialects.skip_locked(db.session))
        .execution_options(populate_existing=True)
    )
    found = list(db.session.scalars(due))
    if not found:
        return 0
    held = _held(found)
    ready = _permitted(found, held, campaign, now)
    letters = _letters(campaign, ready, held, house, now)
    outbox.promise(letters=[letter for _, letter in letters], domain=house.domain, now=now)
    numbers = _numbers([letter.dedup_key for _, letter in letters])
    for recipient, letter in letters:
        recipient.state, recipient.letter_id = "handed", numbers[letter.dedup_key]
    db.session.flush()
    return len(found)


def _held(found: Sequence[Recipient]) -> dict[int, Any]:
    """Identifier → its row with the profile its contact is in now; those erased or corrected since are left out."""
    query = (
        select(
            ContactIdentifier.id, ContactIdentifier.contact_id, ContactIdentifier.value, ContactIdentifier.normal,
            ContactIdentifier.kind, Contact.profile_id,
        )
        .join(Contact, Contact.id == ContactIdentifier.contact_id)
        .where(ContactIdentifier.id.in_([each.identifier_id for each in found]))
    )  # fmt: skip
    return {row.id: row for row in db.session.execute(query)}


def _permitted(found: Sequence[Recipient], held: dict[int, Any], campaign: Campaign, now: datetime) -> list[Recipient]:
    """Asks for consent once more before anything is written; who may not be reached any more is stopped."""
    kept = [each for each in found if each.identifier_id in held]
    questions = [
        asking.Question(row.contact_id, row.kind, row.normal, campaign.purpose, campaign.channel)
        for row in (held[each.identifier_id or 0] for each in kept)
    ]
    for recipient in found:
        if recipient.identifier_id not in held:
            _stop(recipient, "address_gone", now)
    for recipient, verdict in zip(kept, asking.ask(questions, now=now), strict=True):
        recipient.evidence = list(verdict.evidence)
        if not verdict.permitted:
            _stop(recipient, verdict.reason, now)
    return [each for each in kept if each.state == "waiting"]


def _letters(
    campaign: Campaign, ready: Sequence[Recipient], held: dict[int, Any], house: House, now: datetime
) -> list[tuple[Recipient, NewLetter]]:
    said = facing.corrections()
    composer = Composer(campaign, house=house, links=queries.links(campaign.id), corrections=said)
    profiles = {each.id: held[each.identifier_id or 0].profile_id for each in ready}
    known, shared = facing.people(set(profiles.values()), said=said), facing.shared(house, now)
    letters = []
    for recipient in ready:
        address = held[recipient.identifier_id or 0]
        recipient.tries += 1
        try:
            letter = composer.letter(
                recipient_id=recipient.id, tries=recipient.tries, variant=recipient.variant, locale=recipient.locale,
                contact_id=address.contact_id, identifier_id=address.id, address=address.value,
                values=shared | {"person": known[profiles[recipient.id]]},
            )  # fmt: skip
            outbox.usable(letter=letter, domain=house.domain, now=now)
        except BadTemplate as error:
            _stop(recipient, f"template_{error.kind}", now)
        except UnusableLetter:
            _stop(recipient, "unusable_address", now)
        else:
            letters.append((recipient, letter))
    return letters


def _numbers(keys: Sequence[str]) -> dict[str, int]:
    rows = db.session.execute(select(Letter.dedup_key, Letter.id).where(Letter.dedup_key.in_(keys)))
    return dict(rows.all())


def _stop(recipient: Recipient, reason: str, now: datetime) -> None:
    recipient.state, recipient.reason, recipient.settled_at = "stopped", reason, now


def take_back(*, campaign_id: int, subject: str, to: str, reason: str, now: datetime) -> int:
    """Call off letters that are not on the wire: their recipients wait again, or (`to` "cancelled") are settled."""
    outbox.cancel(subject_of=subject, reason=reason, now=now)
    off = select(Letter.id).where(Letter.subject_of == subject, Letter.state == "cancelled")
    mine = update(Recipient).where(Recipient.campaign_id == campaign_id)
    settled = {"settled_at": now, "reason": reason} if to == "cancelled" else {}
    back = mine.where(Recipient.state == "handed", Recipient.letter_id.in_(off)).values(
        state=to, letter_id=None, **settled
    )
    count = int(db.session.execute(back.execution_options(synchronize_session=False)).rowcount)
    if to == "cancelled":
        rest = mine.where(Recipient.state == "waiting").values(state=to, **settled)
        count += int(db.session.execute(rest.execution_options(synchronize_session=False)).rowcount)
    db.session.expire_all()
    return count
