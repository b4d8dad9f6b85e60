"""Resend's webhooks, signed as Standard Webhooks (by Svix)."""

from __future__ import annotations

from collections.abc import Sequence

from crm360.facts import Fact
from crm360.sources import json_fields, mailing_facts, standard_webhooks
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Delivery, Hook, Item
from crm360.sources.mailing_facts import Happened, Kind

CHANNEL = "resend"

_KINDS: dict[str, Kind] = {
    "email.sent": "sent",
    "email.delivered": "delivered",
    "email.delivery_delayed": "deferred",
    "email.bounced": "hard_bounced",
    "email.failed": "blocked",
    "email.suppressed": "blocked",
    "email.complained": "complained",
    "email.opened": "opened",
    "email.clicked": "clicked",
}
_BOUNCES: dict[str, Kind] = {"Transient": "soft_bounced", "Permanent": "hard_bounced", "Undetermined": "soft_bounced"}
_OF_NO_INTEREST = frozenset({"email.scheduled", "domain.created", "domain.updated", "domain.deleted"})


def read(payload: Payload) -> Sequence[Fact]:
    """One event → each recipient and what happened. Raises Unreadable."""
    event = json_fields.load(payload.body)
    name, data = json_fields.first_text(event, "type"), json_fields.obj(event.get("data"))
    if name in _OF_NO_INTEREST:
        return []
    if name.startswith("contact."):
        return _contact(payload, event, data)
    if name not in _KINDS:
        raise Unreadable(f"No event of Resend's: {name or 'type is missing'}.")
    bounce = json_fields.obj(data.get("bounce")) or json_fields.obj(data.get("failed"))
    reason = json_fields.first_text(bounce, "message", "reason")
    found: list[Fact] = []
    for address in mailing_facts.addresses(data.get("to")):
        happened = Happened(
            address=address,
            kind=_kind(name, bounce, reason),
            at=mailing_facts.moment(payload, event.get("created_at")),
            message_id=json_fields.first_text(data, "email_id"),
            campaign=json_fields.first_text(data, "subject"),
            reason=reason,
            url=json_fields.first_text(json_fields.obj(data.get("click")), "link"),
        )
        found += mailing_facts.facts(payload, happened)
    if not found:
        raise Unreadable("The event names no recipient.")
    return found


def _kind(name: str, bounce: JsonObject, reason: str) -> Kind:
    if name != "email.bounced":
        return _KINDS[name]
    if "suppressed sending" in reason:
        return "blocked"  # not tried: its list says no more of the address than what came before
    return _BOUNCES.get(json_fields.first_text(bounce, "type"), "hard_bounced")


def _contact(payload: Payload, event: JsonObject, data: JsonObject) -> Sequence[Fact]:
    """Contacts of an audience: only that they unsubscribed matters here."""
    if data.get("unsubscribed") is not True:
        return []
    at = mailing_facts.moment(payload, event.get("created_at"))
    address = json_fields.first_text(data, "email")
    return mailing_facts.facts(payload, Happened(address=address, kind="unsubscribed", at=at))


def _split(delivery: Delivery) -> Sequence[Item]:
    return [Item(delivery.body, standard_webhooks.delivery_id(delivery))]


_SAMPLE = Item(
    b'{"type":"email.bounced","created_at":"2026-03-02T09:00:00Z","data":{"email_id":"e1","to":["ewa@example.com"],'
    b'"bounce":{"type":"Permanent"}}}'
)

ABOUT = Channel(
    label="Resend",
    group="email",
    hook=Hook(split=_split, signed=standard_webhooks.signed, sign=standard_webhooks.sign, issuer="vendor"),
    setup=(
        "In Resend: Webhooks, Add webhook, all events, with the address below.",
        "Paste its signing secret (whsec_…) here.",
    ),
    sample=_SAMPLE,
)
