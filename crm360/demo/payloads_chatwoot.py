"""What Chatwoot sends: a conversation opened, each message, and its end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crm360.demo.views import CHAT, view
from crm360.demo.world import Talk, World
from crm360.kernel import signing

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook before it is signed."""

    at: datetime
    document: Document

    def body(self) -> bytes:
        """The bytes that are signed and sent."""
        return json.dumps(self.document, ensure_ascii=False).encode()

    @staticmethod
    def headers(body: bytes, secret: str, sent_at: datetime) -> dict[str, str]:
        """Chatwoot's headers; the signature covers the time of sending and `body`."""
        moment = str(int(sent_at.timestamp()))
        return {
            "Content-Type": "application/json",
            "X-Chatwoot-Timestamp": moment,
            "X-Chatwoot-Signature": "sha256=" + signing.hmac_hex(secret, moment.encode() + b"." + body),
        }


def deliveries(world: World) -> list[Delivery]:
    """Every webhook, oldest first."""
    chats = (talk for talk in world.talks if talk.medium == "chat")
    return sorted((delivery for talk in chats for delivery in _conversation(talk)), key=lambda delivery: delivery.at)


def _conversation(talk: Talk) -> Iterator[Delivery]:
    opened = _state(talk, "open")
    yield Delivery(talk.at, {"event": "conversation_created", **opened, "created_at": int(talk.at.timestamp())})
    for index, (direction, minutes, text) in enumerate(talk.turns):
        at = talk.at + timedelta(minutes=minutes, seconds=index + 1)
        yield Delivery(at, _message(talk, index, direction, at, text))
    if talk.resolved:
        end = talk.at + timedelta(minutes=talk.turns[-1][1] + 10)
        resolved = {**_state(talk, "resolved"), "updated_at": end.timestamp()}
        yield Delivery(
            end, {"event": "conversation_status_changed", **resolved, "created_at": int(talk.at.timestamp())}
        )


def _state(talk: Talk, status: str) -> Document:
    agent = {"id": 11, "name": talk.agent, "available_name": talk.agent, "type": "user"}
    return {
        "id": talk.number, "inbox_id": 1, "channel": "Channel::WebWidget", "status": status, "messages": [],
        "contact_inbox": {"source_id": f"w-{talk.person.key}", "contact_id": 5000 + talk.person.key, "hmac_verified": False},
        "meta": {"sender": _sender(talk), "assignee": agent},
        "additional_attributes": {"referer": "https://lipowa-oak.example/kontakt"},
    }  # fmt: skip


def _sender(talk: Talk) -> Document:
    seen = view(talk.person, CHAT, talk.at)
    return {
        "id": 5000 + talk.person.key, "name": f"{seen.given} {seen.family}".strip(), "email": seen.email or None,
        "phone_number": talk.person.mobile if seen.phone else None, "identifier": None, "type": "contact",
        "additional_attributes": {"city": seen.home.city, "country_code": seen.home.country}, "custom_attributes": {},
    }  # fmt: skip


def _message(talk: Talk, index: int, direction: str, at: datetime, text: str) -> Document:
    incoming = direction == "in"
    sender = _sender(talk) if incoming else {"id": 11, "name": talk.agent, "available_name": talk.agent, "type": "user"}
    return {
        "event": "message_created", "id": talk.number * 100 + index, "content": text, "private": direction == "note",
        "message_type": "incoming" if incoming else "outgoing", "content_type": "text",
        "created_at": at.isoformat(timespec="seconds"), "sender": sender, "conversation": _state(talk, "open"),
        "account": {"id": 1, "name": "Lipowa & Oak"}, "inbox": {"id": 1, "name": "lipowa-oak.example"},
    }  # fmt: skip
