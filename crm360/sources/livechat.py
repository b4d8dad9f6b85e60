"""LiveChat (text.com) webhooks: chats, their messages and their end. The secret stands inside each body.

A customer has one chat for ever there, parted into threads; a thread is one conversation here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from crm360.facts import ContactRef, ContactSeen, ConversationChanged, Fact, Identifier, MessageExchanged
from crm360.kernel import signing
from crm360.sources import json_fields
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Delivery, Hook, Item, Setting
from crm360.sources.instants import instant

CHANNEL = "livechat"

_ENDED = frozenset({"chat_deactivated"})
_TALK = frozenset({"message", "file", "rich_message"})


def read(payload: Payload) -> Sequence[Fact]:
    """One webhook → facts; actions of no interest → nothing. Raises Unreadable."""
    document = json_fields.load(payload.body)
    action, said = json_fields.text(document.get("action")), json_fields.obj(document.get("payload"))
    if not action:
        raise Unreadable("The payload has no `action`.")
    if action == "incoming_chat":
        return _chat(payload, json_fields.obj(said.get("chat")))
    if action == "incoming_event":
        return _event(payload, said)
    return _ended(payload, said) if action in _ENDED else []


def _chat(payload: Payload, chat: JsonObject) -> Sequence[Fact]:
    """A thread begins: who the customer is, and what was said to open it."""
    users, thread = json_fields.objects(chat.get("users")), json_fields.obj(chat.get("thread"))
    customer = next((user for user in users if json_fields.text(user.get("type")) == "customer"), {})
    agents = {
        json_fields.text(user.get("id")): json_fields.first_text(user, "name") for user in users if user is not customer
    }
    at = instant(thread.get("created_at")) or payload.received_at
    chat_id, thread_id = _ids(chat.get("id"), thread.get("id"))
    seen = _seen(payload, chat_id, at, customer)
    agent = next((name for name in agents.values() if name), "")
    opened = _changed(payload, seen.ref, thread_id, at, "open", agent)
    customer_id = json_fields.text(customer.get("id"))
    events = json_fields.objects(thread.get("events"))
    said = [found for each in events if (found := _message(payload, seen.ref, thread_id, each, customer_id, agents))]
    return [seen, opened, *said]


def _event(payload: Payload, said: JsonObject) -> Sequence[Fact]:
    chat_id, thread_id = _ids(said.get("chat_id"), said.get("thread_id"))
    event = json_fields.obj(said.get("event"))
    at = instant(event.get("created_at")) or payload.received_at
    seen = _seen(payload, chat_id, at, _filled_in(event))
    message = _message(payload, seen.ref, thread_id, event, "", {})
    return [seen, message] if message else [seen] if seen.fields or len(seen.identifiers) > 1 else []


def _ended(payload: Payload, said: JsonObject) -> Sequence[Fact]:
    chat_id, thread_id = _ids(said.get("chat_id"), said.get("thread_id"))
    seen = _seen(payload, chat_id, payload.received_at, {})
    return [seen, _changed(payload, seen.ref, thread_id, payload.received_at, "resolved", "")]


def _ids(chat: object, thread: object) -> tuple[str, str]:
    chat_id, thread_id = json_fields.text(chat), json_fields.text(thread)
    if not chat_id or not thread_id:
        raise Unreadable("The payload does not say which chat and thread it is about.")
    return chat_id, thread_id


def _seen(payload: Payload, chat_id: str, at: datetime, person: Mapping[str, Any]) -> ContactSeen:
    identifiers = [Identifier("chat_id", f"{payload.source}:{chat_id}", verified=True)]
    identifiers += [Identifier("email", email) for email in [json_fields.identity(person, "email")] if email]
    identifiers += [Identifier("phone", phone) for phone in [json_fields.identity(person, "phone")] if phone]
    name = json_fields.identity(person, "name")
    return ContactSeen(
        ref=ContactRef(payload.source, f"chat:{chat_id}"), occurred_at=at,
        fields={"full_name": name} if name else {}, identifiers=tuple(identifiers),
    )  # fmt: skip


def _filled_in(event: JsonObject) -> dict[str, str]:
    """What a customer typed into the form before the chat."""
    typed: dict[str, str] = {}
    for field in (
        json_fields.objects(event.get("fields")) if json_fields.text(event.get("type")) == "filled_form" else []
    ):
        kind, answer = json_fields.text(field.get("type")), json_fields.text(field.get("answer"))
        if kind in ("name", "email", "phone") and answer:
            typed[kind] = answer
    return typed


def _message(
    payload: Payload, ref: ContactRef, thread_id: str, event: JsonObject, customer: str, agents: Mapping[str, str]
) -> MessageExchanged | None:
    """None for what is no message. Agents are known by their e-mail addresses, customers by other ids."""
    event_id, author = json_fields.text(event.get("id")), json_fields.text(event.get("author_id"))
    kind = json_fields.text(event.get("type"))
    if kind not in _TALK or not event_id:
        return None
    by_customer = author == customer if customer else "@" not in author
    direction: Literal["in", "out", "note"] = "in" if by_customer else "out"
    if json_fields.text(event.get("visibility") or event.get("recipients")) == "agents":
        direction = "note"
    name = json_fields.text(event.get("name"))
    return MessageExchanged(
        ref=ref, source=payload.source, channel="chat", conversation_id=thread_id, message_id=event_id,
        direction=direction, occurred_at=instant(event.get("created_at")) or payload.received_at,
        body=json_fields.text(event.get("text"), limit=20_000),
        author="" if by_customer else agents.get(author) or author, attachments=(name,) if kind == "file" and name else (),
    )  # fmt: skip


def _changed(
    payload: Payload, ref: ContactRef, thread_id: str, at: datetime, status: Literal["open", "resolved"], agent: str
) -> ConversationChanged:
    return ConversationChanged(
        ref=ref, source=payload.source, channel="chat", conversation_id=thread_id, occurred_at=at, status=status,
        agent=agent,
    )  # fmt: skip


class _Head(msgspec.Struct):
    secret_key: str = ""


_heads = msgspec.json.Decoder(_Head)


def _signed(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> bool:
    """The body holds the webhook's secret key; nothing else is signed, so the address stays unguessable as well."""
    try:
        head = _heads.decode(delivery.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    key = _settings.get("secret_key") or secret
    return signing.same(head.secret_key, key)


def _split(delivery: Delivery) -> Sequence[Item]:
    """Kept without the secret. A delivery repeated says the same, so its content is its key."""
    try:
        document = json_fields.load(delivery.body)
    except Unreadable:
        return [Item(delivery.body)]
    return [Item(msgspec.json.encode({name: value for name, value in document.items() if name != "secret_key"}))]


def _sign(delivery: Delivery, secret: str, settings: Mapping[str, Any]) -> Delivery:
    """Its key goes into the body."""
    try:
        document = json_fields.load(delivery.body)
    except Unreadable:
        return delivery
    key = settings.get("secret_key") or secret
    return delivery.having({}, msgspec.json.encode({**document, "secret_key": key}))


_SAMPLE = Item(
    b'{"webhook_id":"w1","action":"incoming_event","payload":{"chat_id":"C1","thread_id":"T1","event":{"id":"T1_3",'
    b'"type":"message","text":"Halo","author_id":"b7ef","created_at":"2026-03-02T09:00:00Z"}}}'
)

ABOUT = Channel(
    label="LiveChat",
    group="chat",
    hook=Hook(split=_split, signed=_signed, sign=_sign, in_address=True),
    settings=(Setting(name="secret_key", label="Secret key of the webhook", kind="secret"),),
    setup=(
        "In the LiveChat Developer Console register webhooks for incoming_chat, incoming_event and chat_deactivated.",
        "Use the address below, and type the secret key you chose there here.",
    ),
    sample=_SAMPLE,
)
