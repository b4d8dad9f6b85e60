"""Intercom webhooks: conversations with their parts, and contacts. One notification per delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from crm360.facts import ContactRef, ContactSeen, ConversationChanged, Fact, Identifier, MessageExchanged
from crm360.kernel import signing
from crm360.sources import json_fields
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Answer, Channel, Delivery, Hook, Item
from crm360.sources.instants import instant
from crm360.sources.mailbox_text import without_tags

CHANNEL = "intercom"

Status = Literal["open", "resolved", "snoozed", ""]
_CUSTOMERS = frozenset({"user", "lead", "contact", "visitor"})
_STATUS: Mapping[str, Status] = {
    "close": "resolved", "open": "open", "snoozed": "snoozed", "unsnoozed": "open", "timer_unsnooze": "open",
    "assignment": "", "assign_and_reopen": "open",
}  # fmt: skip
_SOURCES: Mapping[str, Literal["chat", "email", "social"]] = {
    "email": "email", "conversation": "chat", "facebook": "social", "twitter": "social", "instagram": "social",
    "whatsapp": "social",
}  # fmt: skip


def read(payload: Payload) -> Sequence[Fact]:
    """One notification → facts; topics of no interest → nothing. Raises Unreadable."""
    document = json_fields.load(payload.body)
    topic = json_fields.text(document.get("topic"))
    item = json_fields.obj(json_fields.obj(document.get("data")).get("item"))
    if not topic:
        raise Unreadable("The payload has no `topic`.")
    at = instant(document.get("created_at")) or payload.received_at
    if topic.startswith("conversation."):
        return _conversation(payload, item, topic, at)
    if topic.startswith(("contact.", "user.", "lead.")) and not topic.endswith((".deleted", ".archived")):
        return [_contact(payload, item, instant(item.get("updated_at")) or at)]
    return []


def _contact(payload: Payload, person: JsonObject, at: datetime) -> ContactSeen:
    contact_id = json_fields.text(person.get("id"))
    if not contact_id:
        raise Unreadable("The payload does not say which contact it is about.")
    place = json_fields.obj(person.get("location"))
    fields = {
        "full_name": json_fields.identity(person, "name"),
        "city": json_fields.first_text(place, "city", "city_name"),
        "country": json_fields.first_text(place, "country_code", "country", "country_name"),
        "locale": json_fields.first_text(person, "language_override", "browser_locale"),
    }
    identifiers = [Identifier("chat_id", f"{payload.source}:{contact_id}", verified=True)]
    identifiers += [Identifier("email", email) for email in [json_fields.identity(person, "email")] if email]
    identifiers += [Identifier("phone", phone) for phone in [json_fields.identity(person, "phone")] if phone]
    attributes = dict(json_fields.obj(person.get("custom_attributes")))
    if claimed := json_fields.identity(person, "external_id", "user_id"):
        attributes["claimed_identifier"] = claimed  # typed by the site's script: kept to read, never to match by
    return ContactSeen(
        ref=ContactRef(payload.source, f"contact:{contact_id}"), occurred_at=at,
        fields={name: value for name, value in fields.items() if value}, identifiers=tuple(identifiers),
        attributes=attributes,
    )  # fmt: skip


def _conversation(payload: Payload, item: JsonObject, topic: str, at: datetime) -> Sequence[Fact]:
    conversation_id = json_fields.text(item.get("id"))
    opening = json_fields.obj(item.get("source"))
    parts = json_fields.objects(json_fields.obj(item.get("conversation_parts")).get("conversation_parts"))
    if not conversation_id:
        raise Unreadable("The payload does not say which conversation it is about.")
    seen = _contact(payload, _customer(item, opening, parts), at)
    found = _Conversation(
        payload, seen.ref, conversation_id, _SOURCES.get(json_fields.text(opening.get("type")), "chat")
    )
    facts: list[Fact] = [seen]
    if topic in ("conversation.user.created", "conversation.admin.single.created", "conversation.contact.created"):
        started = instant(item.get("created_at")) or at
        facts.append(found.changed(started, "open", "", json_fields.first_text(opening, "subject")))
    if json_fields.text(opening.get("body")) and json_fields.text(opening.get("id")):
        facts.append(found.message(opening, instant(item.get("created_at")) or at))
    for part in parts:
        facts.extend(found.part(part, at))
    return facts


def _customer(item: JsonObject, opening: JsonObject, parts: Sequence[JsonObject]) -> JsonObject:
    """Whom the conversation is with: of what is known of them, the fullest."""
    listed = json_fields.objects(json_fields.obj(item.get("contacts")).get("contacts"))
    authors = [json_fields.obj(each.get("author")) for each in (opening, *parts)]
    known = [author for author in authors if json_fields.text(author.get("type")) in _CUSTOMERS]
    for person in (*known, *listed, json_fields.obj(item.get("user"))):
        if json_fields.text(person.get("id")):
            return person
    return {}


class _Conversation:
    """What is the same for everything said in one conversation."""

    def __init__(
        self, payload: Payload, ref: ContactRef, conversation_id: str, channel: Literal["chat", "email", "social"]
    ):
        self.payload, self.ref, self.conversation_id, self.channel = payload, ref, conversation_id, channel

    def changed(self, at: datetime, status: Status, agent: str, subject: str = "") -> ConversationChanged:
        return ConversationChanged(
            ref=self.ref, source=self.payload.source, channel=self.channel, conversation_id=self.conversation_id,
            occurred_at=at, status=status, agent=agent, subject=without_tags(subject)[:500],
        )  # fmt: skip

    def part(self, part: JsonObject, at: datetime) -> list[Fact]:
        """A part may be words, a change, or both."""
        kind, moment = json_fields.text(part.get("part_type")), instant(part.get("created_at")) or at
        author = json_fields.obj(part.get("author"))
        by_customer = json_fields.text(author.get("type")) in _CUSTOMERS
        found: list[Fact] = []
        if kind in _STATUS:
            assigned = json_fields.obj(part.get("assigned_to"))
            agent = json_fields.first_text(assigned, "name") or (
                "" if by_customer else json_fields.first_text(author, "name")
            )
            if _STATUS[kind] or agent:
                found.append(self.changed(moment, _STATUS[kind], agent))
        if json_fields.text(part.get("body")) and json_fields.text(part.get("id")):
            found.append(self.message(part, moment))
        return found

    def message(self, part: JsonObject, at: datetime) -> MessageExchanged:
        author = json_fields.obj(part.get("author"))
        by_customer = json_fields.text(author.get("type")) in _CUSTOMERS
        note = json_fields.text(part.get("part_type")) in ("note", "note_and_reopen")
        files = json_fields.objects(part.get("attachments"))
        return MessageExchanged(
            ref=self.ref, source=self.payload.source, channel=self.channel, conversation_id=self.conversation_id,
            message_id=json_fields.text(part.get("id")), direction="note" if note else "in" if by_customer else "out",
            occurred_at=at, subject=without_tags(json_fields.first_text(part, "subject"))[:500],
            body=without_tags(json_fields.text(part.get("body"), limit=20_000)),
            author="" if by_customer else json_fields.first_text(author, "name"),
            attachments=tuple(name for each in files if (name := json_fields.first_text(each, "name"))),
            automatic=json_fields.text(author.get("type")) == "bot",
        )  # fmt: skip


def _signed(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> bool:
    """`sha1=` and HMAC-SHA1 of the raw body in hex, with the app's client secret."""
    given = delivery.headers.get("x-hub-signature", "").strip()
    return signing.same(given, "sha1=" + signing.hmac_hex(secret, delivery.body, "sha1"))


def _greeting(delivery: Delivery, _secret: str, _settings: Mapping[str, Any]) -> Answer | None:
    """Intercom looks with HEAD whether the address exists."""
    return Answer(body=b"") if delivery.method == "HEAD" else None


def _split(delivery: Delivery) -> Sequence[Item]:
    try:
        document = json_fields.load(delivery.body)
    except Unreadable:
        return [Item(delivery.body)]
    if json_fields.text(document.get("topic")) == "ping":
        return []
    return [Item(delivery.body, json_fields.text(document.get("id")))]


def _sign(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> Delivery:
    return delivery.having({"x-hub-signature": "sha1=" + signing.hmac_hex(secret, delivery.body, "sha1")})


_SAMPLE = Item(
    b'{"type":"notification_event","id":"notif_1","topic":"conversation.user.created","created_at":1772442000,"data":{"item":'
    b'{"id":"147","source":{"type":"conversation","id":"1","body":"<p>Halo</p>","author":{"type":"user","id":"5","name":"Jan"}}}}}'
)

ABOUT = Channel(
    label="Intercom",
    group="chat",
    hook=Hook(split=_split, signed=_signed, sign=_sign, issuer="vendor", greeting=_greeting),
    setup=(
        "In the Intercom Developer Hub open your app, Webhooks, and paste the address below.",
        "Choose the conversation and contact topics; the secret is the app's client secret (Basic information).",
    ),
    sample=_SAMPLE,
)
