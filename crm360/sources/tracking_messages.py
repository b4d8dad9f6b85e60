"""Live-chat and e-mail events of the tracking specification → messages, conversations, opens and unsubscriptions."""

from __future__ import annotations

from collections.abc import Sequence

from crm360.facts import ConsentStated, ConversationChanged, Fact, Identifier, MessageExchanged
from crm360.sources import json_fields as read
from crm360.sources import tracking_names, tracking_traits
from crm360.sources.tracking_event import Event

_CHAT = {
    "live chat conversation started": "open",
    "live chat conversation ended": "resolved",
    "live chat message sent": "in",
    "live chat message received": "out",
}


def facts(event: Event) -> Sequence[Fact] | None:
    """The event's own facts; None when it is of neither specification."""
    if event.name in _CHAT:
        return [_chat(event)]
    if kind := tracking_names.EMAIL_EVENTS.get(event.name):
        subject = read.first_text(event.properties, "email_subject", "campaign_name")
        noted = event.activity(kind, f"{event.written_name}: {subject}" if subject else event.written_name)
        return [noted, *_unsubscribed(event)]
    return None


def _chat(event: Event) -> Fact:
    conversation = read.identity(event.properties, "conversation_id", "conversationId")
    if not conversation:
        return event.activity("chat." + event.name.removeprefix("live chat ").replace(" ", "-"), event.written_name)
    agent = read.first_text(event.properties, "agent_name", "agent_username", "agent_id")
    meaning = _CHAT[event.name]
    if meaning in ("open", "resolved"):
        return ConversationChanged(
            ref=event.ref,
            source=event.source,
            channel="chat",
            conversation_id=conversation,
            occurred_at=event.occurred_at,
            status="open" if meaning == "open" else "resolved",
            agent=agent,
        )
    return MessageExchanged(
        ref=event.ref,
        source=event.source,
        channel="chat",
        conversation_id=conversation,
        message_id=read.identity(event.properties, "message_id", "messageId") or event.message_id,
        direction="in" if meaning == "in" else "out",
        occurred_at=event.occurred_at,
        body=read.text(event.properties.get("message_body"), limit=20_000),
        author="" if meaning == "in" else agent,
    )


def _unsubscribed(event: Event) -> list[Fact]:
    email = tracking_traits.email_of(event.traits)
    if event.name != "unsubscribed" or not email:
        return []
    return [
        ConsentStated(
            ref=event.ref,
            identifier=Identifier("email", email),
            purpose="marketing",
            channel="email",
            state="withdrawn",
            occurred_at=event.occurred_at,
            source=event.source,
            method="unsubscribe",
            evidence_grade="B",
            statement_id=event.message_id,
            evidence={
                key: value for key in ("list_id", "list_name", "campaign_id") if (value := event.properties.get(key))
            },
        )
    ]
