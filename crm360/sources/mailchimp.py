"""Mailchimp audiences: who subscribed, left, changed, was cleaned. Forms, not signed: the address is the proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crm360.facts import ConsentStated, ContactRef, ContactSeen, Fact, Identifier
from crm360.sources import deliveries, json_fields, mailing_facts
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Answer, Channel, Delivery, Hook, Item
from crm360.sources.contact_keys import email_key
from crm360.sources.instants import instant
from crm360.sources.mailing_facts import Happened, Kind

CHANNEL = "mailchimp"

_FIELDS = {"FNAME": "given_name", "LNAME": "family_name", "COMPANY": "company"}


def read(payload: Payload) -> Sequence[Fact]:
    """One notice → who it is and what changed. Raises Unreadable."""
    notice = json_fields.load(payload.body)
    kind = json_fields.first_text(notice, "type")
    at = instant(notice.get("fired_at")) or payload.received_at
    if kind == "campaign":
        return []  # about a mailing, not about a person
    if kind in ("unsubscribe", "cleaned"):
        return _left(payload, notice, kind, at)
    if kind not in ("subscribe", "profile", "upemail"):
        raise Unreadable(f"No notice of Mailchimp's: {kind or 'type is missing'}.")
    address = _said(notice, "new_email") if kind == "upemail" else _said(notice, "email")
    if "@" not in address:
        raise Unreadable("The notice names no address.")
    seen = _contact(payload, notice, address, at)
    return [seen, _subscribed(payload, notice, address, at)] if kind == "subscribe" else [seen]


def _said(notice: JsonObject, name: str) -> str:
    return json_fields.first_text(notice, f"data[{name}]")


def _contact(payload: Payload, notice: JsonObject, address: str, at: datetime) -> ContactSeen:
    named = [address, *([before] if (before := _said(notice, "old_email")) else [])]
    phone = _said(notice, "merges][PHONE")
    found = {field: _said(notice, f"merges][{merge}") for merge, field in _FIELDS.items()}
    return ContactSeen(
        ref=ContactRef(payload.source, email_key(address)),
        occurred_at=at,
        fields={field: value for field, value in found.items() if value},
        identifiers=(
            *(Identifier("email", each) for each in named),
            *([Identifier("phone", phone)] if phone else []),
        ),
    )


def _subscribed(payload: Payload, notice: JsonObject, address: str, at: datetime) -> ConsentStated:
    """A form leaves the address it was sent from; whoever was merely added to the audience has none and proves nothing."""
    asked_from = _said(notice, "ip_opt")
    return ConsentStated(
        ref=ContactRef(payload.source, email_key(address)),
        identifier=Identifier("email", address),
        purpose="marketing",
        channel="email",
        state="given",
        occurred_at=at,
        source=payload.source,
        method="Mailchimp audience",
        evidence_grade="B" if asked_from else "D",
        evidence={"list": _said(notice, "list_id"), "ip": asked_from},
    )


def _left(payload: Payload, notice: JsonObject, name: str, at: datetime) -> Sequence[Fact]:
    reason = _said(notice, "reason")
    kinds: dict[tuple[str, str], Kind] = {("cleaned", "hard"): "hard_bounced"}
    kind = "complained" if reason == "abuse" else kinds.get((name, reason), "unsubscribed")
    if name == "cleaned" and kind == "unsubscribed":
        kind = "soft_bounced"
    return mailing_facts.facts(payload, Happened(address=_said(notice, "email"), kind=kind, at=at, reason=reason))


def _greeting(delivery: Delivery, _secret: str, _settings: Mapping[str, Any]) -> Answer | None:
    """Mailchimp saves only an address that answers."""
    return Answer() if delivery.method in ("GET", "HEAD") else None


def _split(delivery: Delivery) -> Sequence[Item]:
    return [Item(deliveries.as_json(deliveries.form(delivery.body)))]


_SAMPLE = Item(
    b"type=cleaned&fired_at=2026-03-02+09%3A00%3A00&data%5Breason%5D=hard&data%5Bemail%5D=ewa%40example.com",
    headers={"content-type": "application/x-www-form-urlencoded"},
)

ABOUT = Channel(
    label="Mailchimp audience",
    group="email",
    hook=Hook(split=_split, in_address=True, greeting=_greeting),
    setup=("In Mailchimp: Audience, Settings, Webhooks, Create new webhook, all events, with the address below.",),
    sample=_SAMPLE,
)
