"""What became of mail we sent, as facts: whoever tells it (a mail server, a mailbox provider, a sending service), the
same facts come of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import getaddresses
from typing import Any, Literal, NamedTuple

from crm360.facts import ActivityNoted, ConsentStated, ContactRef, ContactSeen, Fact, Identifier, MailingEvent
from crm360.sources.base import Payload, Unreadable
from crm360.sources.bounce_reasons import by_words
from crm360.sources.contact_keys import email_key
from crm360.sources.instants import instant
from crm360.sources.json_fields import text

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
    """The recipient, the event, and for an unsubscription the withdrawal. Raises Unreadable when nobody is named."""
    address = happened.address.strip()[:320]
    if "@" not in address.strip("@"):
        raise Unreadable("The event names no recipient.")
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


def bounced(claimed: Kind, status: str, reason: str) -> Kind:
    """What a service calls a bounce, unless the mail server's words say otherwise: a full mailbox is not a dead address."""
    said = by_words(f"{reason} {status}".strip()) if claimed == "hard_bounced" else None
    return {"soft": "soft_bounced", "blocked": "blocked"}.get(said or "", claimed)  # type: ignore[return-value]


def moment(payload: Payload, *stated: Any) -> datetime:
    """The first usable time, else when the payload came."""
    return next((found for value in stated if (found := instant(value)) is not None), payload.received_at)


def addresses(value: Any) -> list[str]:
    """Addresses of a list of recipients, written alone or with a name."""
    written = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [
        address for _, address in getaddresses([each for each in written if isinstance(each, str)]) if "@" in address
    ]


def resubscribed(payload: Payload, address: Any, at: Any) -> list[Fact]:
    """Somebody is let onto a list again. Noted; it proves no consent, so it permits nothing by itself."""
    written = text(address, 320)
    if "@" not in written:
        raise Unreadable("The event names no recipient.")
    ref, when = ContactRef(payload.source, email_key(written)), moment(payload, at)
    return [
        ContactSeen(ref=ref, occurred_at=when, identifiers=(Identifier("email", written),)),
        ActivityNoted(ref=ref, kind="email.resubscribed", occurred_at=when, title=written),
    ]
