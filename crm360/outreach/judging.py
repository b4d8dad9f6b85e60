"""Past sends looked at again: was each permitted then, is it by what we know now, would it be today? Nothing here writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from crm360.consents import asking
from crm360.consents.policy import Verdict
from crm360.identity.models import ContactIdentifier
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.outbox.models import Permit
from crm360.outreach.models import Campaign, Recipient


class Judged(NamedTuple):
    """One message that left: what was decided then, what that moment looks like by what we know now, and today's answer.

    `known_now` differs from `then` when something that had happened before was told us later (a withdrawal in an import).
    """

    recipient: Recipient
    then: str
    known_now: Verdict
    today: Verdict


class Summary(NamedTuple):
    """How many messages left, and of these how many were permitted by each view; `changed` are listed."""

    sent: int
    then: int
    known_now: int
    today: int
    changed: list[Judged]


def judge(campaign: Campaign, *, now: datetime, most: int = 200) -> Summary:
    """Every message of a campaign that left; at most `most` of those whose answer for that moment changed are named."""
    counted: Counter[str] = Counter()
    changed: list[Judged] = []
    for each in _judged(campaign, now):
        counted.update(
            sent=1, then=int(bool(each.then)), known=int(each.known_now.permitted), today=int(each.today.permitted)
        )
        if not each.known_now.permitted and len(changed) < most:
            changed.append(each)
    return Summary(counted["sent"], counted["then"], counted["known"], counted["today"], changed)


def _judged(campaign: Campaign, now: datetime) -> Iterator[Judged]:
    query = (
        select(Recipient, ContactIdentifier.kind, ContactIdentifier.normal, ContactIdentifier.contact_id)
        .join(ContactIdentifier, ContactIdentifier.id == Recipient.identifier_id)
        .where(Recipient.campaign_id == campaign.id, Recipient.state.in_(("sent", "unknown")))
        .order_by(Recipient.settled_at, Recipient.id)
    )
    for some in chunked(db.session.execute(query)):
        permits = _permits([row[0].letter_id for row in some])
        questions = [
            asking.Question(contact_id, kind, normal, campaign.purpose, campaign.channel)
            for _, kind, normal, contact_id in some
        ]
        today = asking.ask(questions, now=now)
        for row, question, verdict in zip(some, questions, today, strict=True):
            recipient = row[0]
            [known] = asking.ask([question], now=recipient.settled_at or now)
            yield Judged(recipient, permits.get(recipient.letter_id or 0, ""), known, verdict)


def _permits(letter_ids: list[int | None]) -> dict[int, str]:
    """Letter → the reason it was let go."""
    query = select(Permit.letter_id, Permit.reason).where(Permit.letter_id.in_(letter_ids), Permit.permitted)
    return dict(db.session.execute(query).all())
