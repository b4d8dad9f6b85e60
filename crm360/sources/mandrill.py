"""Mandrill (Mailchimp Transactional): a form with a list of events, signed over the address and the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm360.facts import Fact
from crm360.kernel import signing
from crm360.sources import deliveries, json_fields, mailing_facts
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Answer, Channel, Delivery, Hook, Item
from crm360.sources.mailing_facts import Happened, Kind

CHANNEL = "mandrill"

_KINDS: dict[str, Kind] = {
    "send": "sent",
    "delivered": "delivered",
    "deferral": "deferred",
    "hard_bounce": "hard_bounced",
    "soft_bounce": "soft_bounced",
    "open": "opened",
    "click": "clicked",
    "spam": "complained",
    "unsub": "unsubscribed",
    "reject": "blocked",
}
#: Why an address came onto Mandrill's own list of addresses it writes to no more.
_LISTED: dict[str, Kind] = {"hard-bounce": "hard_bounced", "spam": "complained", "unsub": "unsubscribed"}


def read(payload: Payload) -> Sequence[Fact]:
    """One event → its recipient and what happened. Raises Unreadable."""
    event = json_fields.load(payload.body)
    name = json_fields.first_text(event, "event")
    if not name and json_fields.first_text(event, "type") in ("blacklist", "whitelist"):
        return _listed(payload, event)
    if name not in _KINDS:
        raise Unreadable(f"No event of Mandrill's: {name or 'event is missing'}.")
    message = json_fields.obj(event.get("msg"))
    reason = json_fields.first_text(message, "diag", "bounce_description", "reject")
    kind = _KINDS[name]
    happened = Happened(
        address=json_fields.first_text(message, "email"),
        kind=mailing_facts.bounced(kind, "", reason) if kind == "hard_bounced" else kind,
        at=mailing_facts.moment(payload, event.get("ts"), message.get("ts")),
        message_id=json_fields.first_text(message, "_id") or json_fields.first_text(event, "_id"),
        campaign=json_fields.first_text(message, "subject"),
        reason=reason if "bounce" in name or name in ("reject", "deferral") else "",
        url=json_fields.first_text(event, "url"),
    )
    return mailing_facts.facts(payload, happened)


def _listed(payload: Payload, event: JsonObject) -> Sequence[Fact]:
    entry = json_fields.obj(event.get("reject")) or json_fields.obj(event.get("entry"))
    if json_fields.first_text(event, "type") != "blacklist" or json_fields.first_text(event, "action") != "add":
        return []
    reason = json_fields.first_text(entry, "reason")
    happened = Happened(
        address=json_fields.first_text(entry, "email"),
        kind=_LISTED.get(reason, "blocked"),
        at=mailing_facts.moment(payload, entry.get("created_at"), event.get("ts")),
        reason=json_fields.first_text(entry, "detail") or reason,
        method="sender's list",
    )
    return mailing_facts.facts(payload, happened)


def _greeting(delivery: Delivery, _secret: str, _settings: Mapping[str, Any]) -> Answer | None:
    """Mandrill looks whether the address answers, and sends an empty list, before it knows the key it signs with."""
    if delivery.method in ("GET", "HEAD"):
        return Answer()
    empty = deliveries.is_form(delivery) and delivery.body in (b"mandrill_events=%5B%5D", b"mandrill_events=[]")
    return Answer() if empty else None


def _signed(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> bool:
    """HMAC-SHA1 over the address and every form field's name and value in the order of names, in base64."""
    try:
        fields = deliveries.form(delivery.body)
    except Unreadable:
        return False
    said = delivery.url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    expected = signing.hmac_base64(secret, said.encode("utf-8", "replace"), "sha1")
    return signing.same(delivery.headers.get("x-mandrill-signature", ""), expected)


def _split(delivery: Delivery) -> Sequence[Item]:
    listed = deliveries.form(delivery.body).get("mandrill_events")
    if not isinstance(listed, str):
        raise Unreadable("The form has no mandrill_events.")
    return [Item(body) for body in deliveries.events(listed.encode("utf-8", "replace"))]


def _sign(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> Delivery:
    fields = deliveries.form(delivery.body)
    said = delivery.url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return delivery.having(
        {"x-mandrill-signature": signing.hmac_base64(secret, said.encode("utf-8", "replace"), "sha1")}
    )


_SAMPLE = Item(
    b"mandrill_events=%5B%7B%22event%22%3A%22hard_bounce%22%2C%22_id%22%3A%22abc%22%2C%22ts%22%3A1772442000%2C"
    b"%22msg%22%3A%7B%22email%22%3A%22ewa%40example.com%22%7D%7D%5D",
    headers={"content-type": "application/x-www-form-urlencoded"},
)

ABOUT = Channel(
    label="Mandrill (Mailchimp Transactional)",
    group="email",
    hook=Hook(split=_split, signed=_signed, sign=_sign, greeting=_greeting, issuer="vendor"),
    setup=(
        "In Mandrill: Settings, Webhooks, Add a webhook, all events, with the address below exactly as it stands.",
        "Paste the webhook's key, shown in the list after that, here.",
    ),
    sample=_SAMPLE,
)
