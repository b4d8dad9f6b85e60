"""SendGrid's event webhook: what became of each message. Deliveries are signed with an elliptic-curve key."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from crm360.facts import Fact
from crm360.sources import deliveries, json_fields, mailing_facts
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Delivery, Hook, Item
from crm360.sources.mailing_facts import Happened, Kind

CHANNEL = "sendgrid"

_KINDS: dict[str, Kind] = {
    "processed": "sent",
    "delivered": "delivered",
    "deferred": "deferred",
    "bounce": "hard_bounced",
    "dropped": "blocked",
    "open": "opened",
    "click": "clicked",
    "spamreport": "complained",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
}
#: Why SendGrid did not even try: what it knows of the address from before.
_DROPPED: dict[str, Kind] = {
    "bounced address": "hard_bounced",
    "invalid": "hard_bounced",
    "spam reporting address": "complained",
    "unsubscribed address": "unsubscribed",
}


def read(payload: Payload) -> Sequence[Fact]:
    """One event → its recipient and what happened. Raises Unreadable."""
    event = json_fields.load(payload.body)
    name = json_fields.first_text(event, "event")
    if name == "group_resubscribe":
        return mailing_facts.resubscribed(payload, event.get("email"), event.get("timestamp"))
    if name not in _KINDS:
        raise Unreadable(f"No event of SendGrid's: {name!r}.")
    reason = json_fields.first_text(event, "reason", "response")
    status = json_fields.first_text(event, "status")
    happened = Happened(
        address=json_fields.first_text(event, "email"),
        kind=_kind(event, name, status, reason),
        at=mailing_facts.moment(payload, event.get("timestamp")),
        event_id=json_fields.first_text(event, "sg_event_id"),
        message_id=json_fields.first_text(event, "smtp-id", "sg_message_id"),
        campaign=json_fields.first_text(event, "singlesend_name", "marketing_campaign_name", "subject"),
        status=status,
        reason=reason,
        url=json_fields.first_text(event, "url"),
        automatic=event.get("sg_machine_open") is True,
    )
    return mailing_facts.facts(payload, happened)


def _kind(event: JsonObject, name: str, status: str, reason: str) -> Kind:
    if name == "dropped":
        return _DROPPED.get(reason.lower(), "blocked")
    if name == "bounce":
        claimed: Kind = "blocked" if json_fields.first_text(event, "type") == "blocked" else "hard_bounced"
        return mailing_facts.bounced(claimed, status, reason)
    return _KINDS[name]


def _signed(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> bool:
    """ECDSA over timestamp and raw body; `secret` is the verification key SendGrid shows (DER in base64)."""
    try:
        key = load_der_public_key(base64.b64decode(secret))
        signature = base64.b64decode(delivery.headers.get("x-twilio-email-event-webhook-signature", ""), validate=True)
        if not isinstance(key, EllipticCurvePublicKey):
            return False
        stamp = delivery.headers.get("x-twilio-email-event-webhook-timestamp", "")
        key.verify(signature, stamp.encode() + delivery.body, ECDSA(SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, binascii.Error):
        return False
    return True


_SAMPLE = Item(
    b'[{"email":"ewa@example.com","event":"bounce","type":"bounce","timestamp":1772442000,"sg_event_id":"e1"}]'
)

ABOUT = Channel(
    label="SendGrid",
    group="email",
    hook=Hook(split=deliveries.each("sg_event_id"), signed=_signed, issuer="vendor"),
    setup=(
        "In SendGrid: Settings, Mail Settings, Event Webhook, Create new webhook, with all events and the address below.",
        "Switch on Signed Event Webhook there and paste its verification key here.",
    ),
    sample=_SAMPLE,
)
