"""What recipients did with a message, or machines on the way: from our own links and pictures, and from who carries mail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import select

from crm360.facts import MailingEvent, Received
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of
from crm360.outbox.models import Letter
from crm360.outreach.models import Campaign, Happening, Recipient
from crm360.profiles import timeline

#: Kinds of `facts.MailingEvent` that say what became of a message of ours.
KINDS = frozenset(
    {"delivered", "soft_bounced", "hard_bounced", "blocked", "complained", "opened", "clicked", "unsubscribed"}
)
#: Nobody reads this fast: what fetches a message at once is a scanner or a proxy that loads ahead.
_AT_ONCE = timedelta(seconds=2)
_MACHINES = re.compile(
    r"bot\b|crawl|spider|scan|preview|monitor|curl|wget|python|java/|go-http|libwww|headless|barracuda|mimecast|"
    r"proofpoint|symantec|fireeye|trendmicro|sophos|safelinks|bingpreview|slackbot|facebookexternalhit|whatsapp",
    re.IGNORECASE,
)
#: Apple's mail privacy protection loads every picture through a proxy that says nothing else of itself.
_PRIVACY_PROXY = "mozilla/5.0"


def by_machine(user_agent: str, *, after: timedelta | None) -> bool:
    """Whether a machine did it; `after`: how long after the message left."""
    said = user_agent.strip()
    at_once = after is not None and after < _AT_ONCE
    return at_once or not said or said.lower() == _PRIVACY_PROXY or bool(_MACHINES.search(said))


def record_mailings(*, received: Sequence[Received[MailingEvent]], now: datetime) -> None:
    """Events about messages of campaigns, found by the message's id; told twice they are one. Others are left alone."""
    told = [item.fact for item in received if item.fact.message_id and item.fact.kind in KINDS]
    found = _recipients({fact.message_id.strip("<>") for fact in told})
    rows = []
    for fact in told:
        recipient_id = found.get(fact.message_id.strip("<>"))
        if recipient_id is not None:
            known = fact.event_id or f"{fact.kind} {fact.occurred_at.isoformat()} {fact.url}"
            digest = blake2b(f"{fact.source} {fact.message_id} {known}".encode(), digest_size=12).hexdigest()
            rows.append(_row(recipient_id, fact.kind, min(fact.occurred_at, now), f"mail:{digest}", fact.automatic))
    dialects.insert_new(db.session, table_of(Happening), rows, ["key"])


def note_opened(*, recipient: Recipient, user_agent: str, now: datetime) -> None:
    """The picture in a message was loaded. Several times a minute count once."""
    _note(recipient, "opened", user_agent, now, link_id=None, title="")


def note_clicked(*, recipient: Recipient, link_id: int, url: str, user_agent: str, now: datetime) -> None:
    """A counted link was followed. Several times a minute count once."""
    _note(recipient, "clicked", user_agent, now, link_id=link_id, title=url)


def note_unsubscribed(*, recipient: Recipient, now: datetime) -> None:
    """Somebody unsubscribed by the link or the header of a message; counted once."""
    row = _row(recipient.id, "unsubscribed", now, f"unsubscribed:{recipient.id}", False)
    dialects.insert_new(db.session, table_of(Happening), [row], ["key"])
    _line(recipient, "unsubscribed", now, "", "unsubscribed")


def _note(
    recipient: Recipient, kind: str, user_agent: str, now: datetime, *, link_id: int | None, title: str
) -> None:  # fmt: skip
    after = now - recipient.settled_at if recipient.settled_at else None
    automatic = by_machine(user_agent, after=after)
    key = f"{kind}:{recipient.id}:{link_id or 0}:{int(automatic)}:{int(now.timestamp() // 60)}"
    row = _row(recipient.id, kind, now, key, automatic) | {"link_id": link_id}
    new = dialects.insert_new(db.session, table_of(Happening), [row], ["key"])
    if new and not automatic:
        _line(recipient, kind, now, title, f"{kind}:{link_id or 0}")


def _line(recipient: Recipient, kind: str, now: datetime, title: str, what: str) -> None:
    """One line per recipient and thing done; the last time counts."""
    name = db.session.scalar(select(Campaign.name).where(Campaign.id == recipient.campaign_id))
    said: dict[str, Any] = {"campaign": name, "campaign_id": recipient.campaign_id}
    entry = timeline.Entry(
        recipient.contact_id, f"email.{kind}", now, title or str(name), said | ({"url": title} if title else {}),
        f"campaign-recipient:{recipient.id}:{what}",
    )  # fmt: skip
    timeline.note(entries=[entry], now=now)


def _recipients(message_ids: set[str]) -> dict[str, int]:
    query = (
        select(Letter.message_id, Recipient.id)
        .join(Recipient, Recipient.letter_id == Letter.id)
        .where(Letter.message_id.in_(message_ids))
    )
    return dict(db.session.execute(query).all()) if message_ids else {}


def _row(recipient_id: int, kind: str, at: datetime, key: str, automatic: bool) -> dict[str, Any]:
    return {
        "key": key, "recipient_id": recipient_id, "kind": kind, "occurred_at": at, "automatic": automatic, "link_id": None,
    }  # fmt: skip
