"""Postmark's webhooks. They are not signed: the unguessable address is the proof."""

from __future__ import annotations

from collections.abc import Sequence

from crm360.facts import Fact
from crm360.sources import deliveries, json_fields, mailing_facts
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Hook, Item
from crm360.sources.mailing_facts import Happened, Kind

CHANNEL = "postmark"

_RECORDS: dict[str, tuple[Kind, str]] = {
    "Delivery": ("delivered", "DeliveredAt"),
    "Bounce": ("soft_bounced", "BouncedAt"),
    "SpamComplaint": ("complained", "BouncedAt"),
    "Open": ("opened", "ReceivedAt"),
    "Click": ("clicked", "ReceivedAt"),
    "SubscriptionChange": ("unsubscribed", "ChangedAt"),
}
_BOUNCES: dict[str, Kind] = {
    "HardBounce": "hard_bounced",
    "BadEmailAddress": "hard_bounced",
    "AddressChange": "hard_bounced",
    "SoftBounce": "soft_bounced",
    "DnsError": "soft_bounced",
    "Transient": "deferred",
    "SpamNotification": "blocked",
    "Blocked": "blocked",
    "SMTPApiError": "blocked",
    "DMARCPolicy": "blocked",
    "VirusNotification": "blocked",
    "ChallengeVerification": "blocked",
    "TemplateRenderingFailed": "blocked",
    "ManuallyDeactivated": "blocked",
    "SpamComplaint": "complained",
    "Unsubscribe": "unsubscribed",
    "ManualSuppression": "unsubscribed",
}
_NOT_BOUNCES = frozenset({"AutoResponder", "OpenRelayTest", "Subscribe", "Unconfirmed", "Unknown"})


def read(payload: Payload) -> Sequence[Fact]:
    """One record → its recipient and what happened. Raises Unreadable."""
    record = json_fields.load(payload.body)
    name = json_fields.first_text(record, "RecordType")
    if name not in _RECORDS:
        raise Unreadable(f"No record of an outgoing message: {name or 'RecordType is missing'}.")
    _, time = _RECORDS[name]
    address = json_fields.first_text(record, "Recipient", "Email")
    if name == "SubscriptionChange" and record.get("SuppressSending") is False:
        return mailing_facts.resubscribed(payload, address, record.get(time))
    kind = _kind(record, name)
    if kind is None:
        return []
    reason = json_fields.first_text(record, "Details", "Description")
    number = json_fields.first_text(record, "ID")
    happened = Happened(
        address=address,
        kind=kind,
        at=mailing_facts.moment(payload, record.get(time)),
        event_id=f"{name} {number}" if number else "",
        message_id=json_fields.first_text(record, "MessageID"),
        campaign=json_fields.first_text(record, "Tag", "Subject"),
        reason=reason if kind not in ("opened", "clicked", "delivered") else "",
        url=json_fields.first_text(record, "OriginalLink"),
    )
    return mailing_facts.facts(payload, happened)


def _kind(record: JsonObject, name: str) -> Kind | None:
    if name == "Bounce":
        said = json_fields.first_text(record, "Type")
        if said in _NOT_BOUNCES:
            return None
        claimed = _BOUNCES.get(said, "soft_bounced")
        return mailing_facts.bounced(claimed, "", json_fields.first_text(record, "Details"))
    if name == "SubscriptionChange":
        return _BOUNCES.get(json_fields.first_text(record, "SuppressionReason"), "unsubscribed")
    return _RECORDS[name][0]


_SAMPLE = Item(
    b'{"RecordType":"Bounce","Type":"HardBounce","ID":1,"Email":"ewa@example.com","BouncedAt":"2026-03-02T09:00:00Z"}'
)

ABOUT = Channel(
    label="Postmark",
    group="email",
    hook=Hook(split=deliveries.each(), in_address=True),
    setup=("In Postmark: your server, Message streams, Webhooks, Add webhook, all events, with the address below.",),
    sample=_SAMPLE,
)
