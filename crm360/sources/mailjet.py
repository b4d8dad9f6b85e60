"""Mailjet's event API: grouped or single events. They are not signed: the unguessable address is the proof."""

from __future__ import annotations

from collections.abc import Sequence

from crm360.facts import Fact
from crm360.sources import deliveries, json_fields, mailing_facts
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Hook, Item
from crm360.sources.mailing_facts import Happened, Kind

CHANNEL = "mailjet"

_KINDS: dict[str, Kind] = {
    "sent": "delivered",
    "open": "opened",
    "click": "clicked",
    "bounce": "soft_bounced",
    "blocked": "blocked",
    "spam": "complained",
    "unsub": "unsubscribed",
}


def read(payload: Payload) -> Sequence[Fact]:
    """One event → its recipient and what happened. Raises Unreadable."""
    event = json_fields.load(payload.body)
    name = json_fields.first_text(event, "event")
    if name not in _KINDS:
        raise Unreadable(f"No event of Mailjet's: {name or 'event is missing'}.")
    reason = ": ".join(filter(None, (json_fields.first_text(event, key) for key in ("error_related_to", "error"))))
    happened = Happened(
        address=json_fields.first_text(event, "email"),
        kind=_kind(event, name),
        at=mailing_facts.moment(payload, event.get("time")),
        message_id=json_fields.first_text(event, "MessageID", "mj_message_id"),
        campaign=json_fields.first_text(event, "customcampaign"),
        reason=reason or json_fields.first_text(event, "comment"),
        url=json_fields.first_text(event, "url"),
    )
    return mailing_facts.facts(payload, happened)


def _kind(event: JsonObject, name: str) -> Kind:
    return "hard_bounced" if name == "bounce" and event.get("hard_bounce") is True else _KINDS[name]


_SAMPLE = Item(b'[{"event":"bounce","email":"ewa@example.com","time":1772442000,"hard_bounce":true,"MessageID":1}]')

ABOUT = Channel(
    label="Mailjet",
    group="email",
    hook=Hook(split=deliveries.each(), in_address=True),
    setup=("In Mailjet: Account settings, Event notifications (webhooks), all events, with the address below.",),
    sample=_SAMPLE,
)
