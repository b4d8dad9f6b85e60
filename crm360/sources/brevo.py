"""Brevo's webhooks, of transactional and of marketing mail. They are not signed: the unguessable address is the proof."""

from __future__ import annotations

from collections.abc import Sequence

from crm360.facts import Fact
from crm360.sources import deliveries, json_fields, mailing_facts
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Hook, Item
from crm360.sources.instants import instant
from crm360.sources.mailing_facts import Happened, Kind

CHANNEL = "brevo"

_KINDS: dict[str, Kind] = {
    "request": "sent",
    "delivered": "delivered",
    "deferred": "deferred",
    "hard_bounce": "hard_bounced",
    "soft_bounce": "soft_bounced",
    "invalid_email": "hard_bounced",
    "blocked": "blocked",
    "error": "blocked",
    "spam": "complained",
    "complaint": "complained",
    "opened": "opened",
    "unique_opened": "opened",
    "proxy_open": "opened",
    "unique_proxy_open": "opened",
    "click": "clicked",
    "unsubscribe": "unsubscribed",
    "unsubscribed": "unsubscribed",
}
_OF_NO_INTEREST = frozenset({"list_addition", "contact_updated", "contact_deleted"})


def read(payload: Payload) -> Sequence[Fact]:
    """One event → its recipient and what happened. Raises Unreadable."""
    event = json_fields.load(payload.body)
    name = json_fields.first_text(event, "event").lower()
    if name in _OF_NO_INTEREST:
        return []
    if name not in _KINDS:
        raise Unreadable(f"No event of Brevo's: {name or 'event is missing'}.")
    reason = json_fields.first_text(event, "reason")
    kind = _KINDS[name]
    happened = Happened(
        address=json_fields.first_text(event, "email"),
        kind=mailing_facts.bounced(kind, "", reason) if kind == "hard_bounced" else kind,
        at=mailing_facts.moment(payload, *_times(event)),
        message_id=json_fields.first_text(event, "message-id"),
        campaign=json_fields.first_text(event, "campaign name", "subject", "tag"),
        reason=reason,
        url=json_fields.first_text(event, "link", "URL"),
        # A mail program's privacy proxy fetches every picture, whether or not anybody looks.
        automatic="proxy" in name,
    )
    return mailing_facts.facts(payload, happened)


def _times(event: JsonObject) -> list[object]:
    names = ("ts_epoch", "s_epoch", "ts_event", "ts", "date_event", "date")
    return [event[name] for name in names if instant(event.get(name)) is not None]


_SAMPLE = Item(b'{"event":"hard_bounce","email":"ewa@example.com","id":1,"ts_epoch":1772442000000}')

ABOUT = Channel(
    label="Brevo",
    group="email",
    hook=Hook(split=deliveries.each(), in_address=True),
    setup=(
        "In Brevo: Transactional, Settings, Webhook, Add a new webhook, all events, with the address below.",
        "For campaigns also: Settings, Webhooks, marketing events, with the same address.",
    ),
    sample=_SAMPLE,
)
