"""Mailgun's webhooks, in the form of today (JSON) and of before (form fields). The signature stands inside the body.

It covers a time and a token, not the event: a token counts once, so a signature seen elsewhere carries nothing new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from crm360.facts import Fact
from crm360.kernel import signing
from crm360.sources import deliveries, json_fields, mailing_facts
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Delivery, Hook, Item
from crm360.sources.mailing_facts import Happened, Kind

CHANNEL = "mailgun"

_KINDS: dict[str, Kind] = {
    "accepted": "sent",
    "delivered": "delivered",
    "opened": "opened",
    "clicked": "clicked",
    "unsubscribed": "unsubscribed",
    "complained": "complained",
    "rejected": "blocked",
    "failed": "hard_bounced",
    "bounced": "hard_bounced",
    "dropped": "hard_bounced",
}
#: Mailgun's own codes of messages it did not even try to send.
_NOT_TRIED: dict[str, Kind] = {
    "605": "hard_bounced",
    "606": "unsubscribed",
    "607": "complained",
    "suppress-bounce": "hard_bounced",
    "suppress-unsubscribe": "unsubscribed",
    "suppress-complaint": "complained",
    "old": "soft_bounced",
    "espblock": "blocked",
}


def read(payload: Payload) -> Sequence[Fact]:
    """One event → its recipient and what happened. Raises Unreadable."""
    document = json_fields.load(payload.body)
    event = json_fields.obj(document.get("event-data")) or document
    name = json_fields.first_text(event, "event")
    if name not in _KINDS:
        raise Unreadable(f"No event of Mailgun's: {name!r}.")
    status = json_fields.obj(event.get("delivery-status"))
    headers = json_fields.obj(json_fields.obj(event.get("message")).get("headers"))
    reject = json_fields.obj(event.get("reject"))
    reason = (
        json_fields.first_text(status, "message", "description")
        or json_fields.first_text(reject, "reason")
        or json_fields.first_text(event, "error", "description", "reason")
    )
    client = json_fields.obj(event.get("client-info"))
    happened = Happened(
        address=json_fields.first_text(event, "recipient") or _only(headers),
        kind=_kind(event, status, name, reason),
        at=mailing_facts.moment(payload, event.get("timestamp")),
        event_id=json_fields.first_text(event, "id", "token"),
        message_id=json_fields.first_text(headers, "message-id")
        or json_fields.first_text(event, "Message-Id", "message-id"),
        campaign=json_fields.first_text(event, "campaign-name") or json_fields.first_text(headers, "subject"),
        status=json_fields.first_text(status, "enhanced-code", "code") or json_fields.first_text(event, "code"),
        reason=reason,
        url=json_fields.first_text(event, "url"),
        automatic=bool(json_fields.first_text(client, "bot")),
    )
    return mailing_facts.facts(payload, happened)


def _only(headers: JsonObject) -> str:
    """A rejected message names its recipient in its headers alone."""
    return json_fields.first_text(headers, "to").rpartition("<")[2].strip("> ")


def _kind(event: JsonObject, status: JsonObject, name: str, reason: str) -> Kind:
    kind = _KINDS[name]
    if kind != "hard_bounced":
        return kind
    if json_fields.first_text(event, "severity") == "temporary":
        return "deferred"
    code = json_fields.first_text(event, "code") or json_fields.first_text(status, "code")
    known = _NOT_TRIED.get(json_fields.first_text(event, "reason")) or _NOT_TRIED.get(code)
    return known or mailing_facts.bounced(kind, "", f"{code} {reason}")


def _signed(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> bool:
    """Hex HMAC-SHA256 of timestamp and token."""
    try:
        said = _signature(delivery)
    except Unreadable:
        return False
    stamp, token = (json_fields.text(said.get(name)) for name in ("timestamp", "token"))
    return bool(token) and signing.same(
        json_fields.text(said.get("signature")), signing.hmac_hex(secret, f"{stamp}{token}".encode("utf-8", "replace"))
    )


def _signature(delivery: Delivery) -> JsonObject:
    document = deliveries.form(delivery.body) if deliveries.is_form(delivery) else json_fields.load(delivery.body)
    return json_fields.obj(document.get("signature")) or document


def _split(delivery: Delivery) -> Sequence[Item]:
    token = json_fields.text(_signature(delivery).get("token"))
    body = deliveries.as_json(deliveries.form(delivery.body)) if deliveries.is_form(delivery) else delivery.body
    return [Item(body, token)]


def _sign(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> Delivery:
    """Its signature goes into the body."""
    try:
        document = json_fields.load(delivery.body)
    except Unreadable:
        return delivery
    stated, token = str(int(delivery.received_at.timestamp())), "a-test"
    signature = signing.hmac_hex(secret, f"{stated}{token}".encode())
    proof = {"timestamp": stated, "token": token, "signature": signature}
    return delivery.having({}, msgspec.json.encode({**document, "signature": proof}))


_SAMPLE = Item(
    b'{"event-data":{"id":"mg-1","event":"failed","severity":"permanent","recipient":"ewa@example.com","timestamp":1772442000.5}}'
)

ABOUT = Channel(
    label="Mailgun",
    group="email",
    hook=Hook(split=_split, signed=_signed, sign=_sign, issuer="vendor"),
    setup=(
        "In Mailgun: Send, Webhooks, Add webhook, one for each event, with the address below.",
        "Paste the HTTP webhook signing key shown there here.",
    ),
    sample=_SAMPLE,
)
