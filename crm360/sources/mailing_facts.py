"""What became of mail we sent, as facts: whoever tells it (a mail server, a mailbox provider, a sending service), the
same facts come of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from crm360.facts import ConsentStated, ContactRef, ContactSeen, Fact, Identifier, MailingEvent
from crm360.sources.base import Payload
from crm360.sources.contact_keys import email_key

Kind = Literal[
    "sent",
    "delivered",
    "deferred",
    "soft_bounced",
    "hard_bounced",
    "blocked",
    "complained",
    "opened",
    "clicked",
    "unsubscribed",
]


class Happened(NamedTuple):
    """One event of one recipient. See `facts.MailingEvent`; `method` says how somebody unsubscribed."""

    address: str
    kind: Kind
    at: datetime
    event_id: str = ""
    message_id: str = ""
    campaign: str = ""
    status: str = ""
    reason: str = ""
    url: str = ""
    automatic: bool = False
    method: str = "unsubscribed"


def facts(payload: Payload, happened: Happened, fields: Mapping[str, Any] | None = None) -> list[Fact]:
    """The recipient, the event, and for an unsubscription the withdrawal. Nothing when there is no address to tell it of."""
    address = happened.address.strip()[:320]
    if "@" not in address.strip("@"):
        return []
    ref, identifier = ContactRef(payload.source, email_key(address)), Identifier("email", address)
    seen = ContactSeen(ref=ref, occurred_at=happened.at, fields=dict(fields or {}), identifiers=(identifier,))
    event = MailingEvent(
        ref=ref,
        source=payload.source,
        address=address,
        kind=happened.kind,
        occurred_at=happened.at,
        event_id=happened.event_id[:200],
        message_id=happened.message_id.strip().strip("<>")[:500],
        campaign=happened.campaign[:200],
        status=happened.status[:20],
        reason=" ".join(happened.reason.split())[:500],
        url=happened.url[:1000],
        automatic=happened.automatic,
    )
    return [seen, event, *([withdrawal(payload, ref, identifier, happened)] if happened.kind == "unsubscribed" else [])]


def withdrawal(payload: Payload, ref: ContactRef, identifier: Identifier, happened: Happened) -> ConsentStated:
    """Who unsubscribes withdraws from marketing by e-mail."""
    return ConsentStated(
        ref=ref,
        identifier=identifier,
        purpose="marketing",
        channel="email",
        state="withdrawn",
        occurred_at=happened.at,
        source=payload.source,
        method=happened.method,
        evidence_grade="B",
        statement_id=happened.event_id[:200],
    )
