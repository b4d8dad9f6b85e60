"""Zendesk webhooks: its own events (`zen:event-type:…`), or a trigger's body in the form the guide shows.

A trigger's body is written by the shop: {"ticket_id", "subject", "status", "requester_id", "requester_name",
"requester_email", "comment", "comment_id", "author_role", "author_name", "public", "assignee", "at"}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from crm360.facts import ContactRef, ContactSeen, ConversationChanged, Fact, Identifier, MessageExchanged
from crm360.kernel import signing
from crm360.sources import json_fields
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Delivery, Hook, Item
from crm360.sources.instants import instant

CHANNEL = "zendesk"

TOLERANCE = timedelta(minutes=10)
Status = Literal["open", "pending", "resolved", "snoozed", ""]
_STATUSES: Mapping[str, Status] = {
    "new": "open", "open": "open", "pending": "pending", "hold": "snoozed", "on-hold": "snoozed", "solved": "resolved",
    "closed": "resolved",
}  # fmt: skip
_EVENT = "zen:event-type:"
_VIA: Mapping[str, Literal["chat", "email", "phone", "social"]] = {
    "email": "email", "chat": "chat", "native_messaging": "chat", "web_widget": "chat", "voice": "phone",
    "phone": "phone", "facebook": "social", "twitter": "social", "whatsapp": "social", "instagram_dm": "social",
}  # fmt: skip


def read(payload: Payload) -> Sequence[Fact]:
    """One webhook → facts; events of no interest → nothing. Raises Unreadable."""
    document = json_fields.load(payload.body)
    kind = json_fields.text(document.get("type"))
    at = instant(document.get("time") or document.get("at")) or payload.received_at
    detail, event = json_fields.obj(document.get("detail")), json_fields.obj(document.get("event"))
    if kind.startswith(_EVENT + "ticket."):
        return _ticket(payload, kind.removeprefix(_EVENT + "ticket."), detail, event, at)
    if kind.startswith(_EVENT + "user."):
        gone = kind.endswith(("deleted", "permanently_deleted"))
        return [] if gone else [_person(payload, json_fields.text(detail.get("id")), detail, at)]
    if kind:
        return []
    return _trigger(payload, document, at)


def _person(payload: Payload, user_id: str, about: JsonObject, at: datetime) -> ContactSeen:
    if not user_id:
        raise Unreadable("The payload does not say who asked.")
    identifiers = [Identifier("chat_id", f"{payload.source}:{user_id}", verified=True)]
    identifiers += [Identifier("email", email) for email in [json_fields.identity(about, "email")] if email]
    identifiers += [Identifier("phone", phone) for phone in [json_fields.identity(about, "phone")] if phone]
    name = json_fields.identity(about, "name")
    if "@" in name:
        name = ""  # Zendesk names people it does not know by their address
    return ContactSeen(
        ref=ContactRef(payload.source, f"contact:{user_id}"), occurred_at=at, fields={"full_name": name} if name else {},
        identifiers=tuple(identifiers),
    )  # fmt: skip


def _ticket(payload: Payload, kind: str, detail: JsonObject, event: JsonObject, at: datetime) -> Sequence[Fact]:
    ticket_id = _ticket_id(detail, "id")
    seen = _person(payload, json_fields.text(detail.get("requester_id")), json_fields.obj(detail.get("requester")), at)
    ticket = _Ticket(
        payload, seen.ref, ticket_id, _VIA.get(_via(detail), "email"), json_fields.first_text(detail, "subject")
    )
    if kind == "created":
        opened = ticket.changed(at, _STATUSES.get(json_fields.text(detail.get("status")).lower(), "open"), "")
        words = json_fields.text(detail.get("description"), limit=20_000)
        first = ticket.said(f"{ticket_id}:description", "in", at, words, "") if words else None
        return [seen, opened, *([first] if first else [])]
    if kind == "status_changed":
        status = _STATUSES.get(json_fields.text(event.get("current")).lower(), "")
        return [seen, ticket.changed(at, status, "")] if status else [seen]
    if kind == "agent_assignment_changed":
        agent = json_fields.text(event.get("current"))
        return [seen, ticket.changed(at, "", agent)] if agent else [seen]
    if kind == "comment_added":
        return [seen, ticket.comment(json_fields.obj(event.get("comment")), at)]
    return [seen]


def _via(detail: JsonObject) -> str:
    return json_fields.first_text(json_fields.obj(detail.get("via")), "channel").lower()


def _trigger(payload: Payload, document: JsonObject, at: datetime) -> Sequence[Fact]:
    ticket_id = _ticket_id(document, "ticket_id")
    email = json_fields.identity(document, "requester_email")
    requester = json_fields.text(document.get("requester_id")) or email.lower()
    about = {"name": document.get("requester_name"), "email": email, "phone": document.get("requester_phone")}
    seen = _person(payload, requester, about, at)
    via = _VIA.get(json_fields.text(document.get("via")).lower(), "email")
    ticket = _Ticket(payload, seen.ref, ticket_id, via, json_fields.first_text(document, "subject"))
    facts: list[Fact] = [seen]
    status = _STATUSES.get(json_fields.text(document.get("status")).lower(), "")
    agent = json_fields.first_text(document, "assignee")
    if status or agent:
        facts.append(ticket.changed(at, status, agent))
    if words := json_fields.text(document.get("comment"), limit=20_000):
        by_customer = json_fields.text(document.get("author_role")).lower() in ("end-user", "end user", "customer", "")
        private = document.get("public") is False or json_fields.text(document.get("public")).lower() == "false"
        comment_id = json_fields.text(document.get("comment_id")) or json_fields.digest(
            ticket_id, at.isoformat(), words
        )
        author = "" if by_customer else json_fields.first_text(document, "author_name")
        facts.append(ticket.said(comment_id, "note" if private else "in" if by_customer else "out", at, words, author))
    return facts


def _ticket_id(document: JsonObject, key: str) -> str:
    found = json_fields.text(document.get(key))
    if not found:
        raise Unreadable("The payload does not say which ticket it is about.")
    return found


class _Ticket:
    """What is the same for everything that happens to one ticket."""

    def __init__(
        self,
        payload: Payload,
        ref: ContactRef,
        ticket_id: str,
        channel: Literal["chat", "email", "phone", "social"],
        subject: str,
    ):
        self.payload, self.ref, self.ticket_id, self.channel, self.subject = payload, ref, ticket_id, channel, subject

    def changed(self, at: datetime, status: Status, agent: str) -> ConversationChanged:
        return ConversationChanged(
            ref=self.ref, source=self.payload.source, channel=self.channel, conversation_id=self.ticket_id, occurred_at=at,
            status=status, agent=agent, subject=self.subject,
        )  # fmt: skip

    def comment(self, comment: JsonObject, at: datetime) -> MessageExchanged:
        author, comment_id = json_fields.obj(comment.get("author")), json_fields.text(comment.get("id"))
        if not comment_id:
            raise Unreadable("The comment has no id.")
        by_staff = author.get("is_staff") is True
        direction: Literal["in", "out", "note"] = "out" if by_staff else "in"
        if comment.get("is_public") is False:
            direction = "note"
        words = json_fields.text(comment.get("body"), limit=20_000)
        return self.said(comment_id, direction, at, words, json_fields.first_text(author, "name") if by_staff else "")

    def said(
        self, message_id: str, direction: Literal["in", "out", "note"], at: datetime, words: str, author: str
    ) -> MessageExchanged:
        return MessageExchanged(
            ref=self.ref, source=self.payload.source, channel=self.channel, conversation_id=self.ticket_id,
            message_id=message_id, direction=direction, occurred_at=at, subject=self.subject, body=words, author=author,
        )  # fmt: skip


def _signed(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> bool:
    """HMAC-SHA256 of timestamp and raw body in base64; a timestamp of long ago is a delivery somebody kept."""
    stated = delivery.headers.get("x-zendesk-webhook-signature-timestamp", "").strip()
    at = instant(stated)
    if at is None or abs(delivery.received_at - at) > TOLERANCE:
        return False
    given = delivery.headers.get("x-zendesk-webhook-signature", "").strip()
    return signing.same(given, signing.hmac_base64(secret, stated.encode() + delivery.body))


def _split(delivery: Delivery) -> Sequence[Item]:
    """An empty body is Zendesk's test of the connection."""
    if not delivery.body.strip():
        return []
    try:
        document = json_fields.load(delivery.body)
    except Unreadable:
        return [Item(delivery.body)]
    return [Item(delivery.body, json_fields.text(document.get("id")))]


def _sign(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> Delivery:
    stated = delivery.received_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    signature = signing.hmac_base64(secret, stated.encode() + delivery.body)
    return delivery.having({"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": stated})


_SAMPLE = Item(
    b'{"id":"01GK","type":"zen:event-type:ticket.created","time":"2026-03-02T09:00:00Z","event":{},"detail":{"id":"5158",'
    b'"requester_id":"844","subject":"Zwrot","description":"Jak?","status":"OPEN"}}'
)

ABOUT = Channel(
    label="Zendesk",
    group="chat",
    hook=Hook(split=_split, signed=_signed, sign=_sign, issuer="vendor"),
    setup=(
        "In Zendesk: Admin Center, Apps and integrations, Webhooks, Create webhook with the address below.",
        "Subscribe it to ticket and user events; the secret is shown under Signing secret after it was created.",
    ),
    sample=_SAMPLE,
)
