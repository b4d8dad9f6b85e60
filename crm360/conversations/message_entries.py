"""What messages and changes of a conversation put into the timeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm360.facts import ConversationChanged
from crm360.profiles.timeline import Entry
from crm360.tone import guessing

SNIPPET_LENGTH = 240
CHANGES = {
    "open": "conversation.opened",
    "pending": "conversation.pending",
    "resolved": "conversation.resolved",
    "snoozed": "conversation.snoozed",
    "": "conversation.assigned",
}


def snippet(body: str) -> str:
    """The beginning of a message on one line."""
    text = " ".join(body[: SNIPPET_LENGTH * 4].split())
    return text if len(text) <= SNIPPET_LENGTH else text[: SNIPPET_LENGTH - 1].rstrip() + "…"


def words(subject: str, body: str) -> str:
    """What a message says, for the guess of its tone."""
    return f"{subject}. {body}" if subject else body


def message_entry(row: Mapping[str, Any], *, channel: str, thread: str, payload_id: int | None) -> Entry:
    """The line of a message row. `thread` is the source's own id of its conversation."""
    shown = snippet(row["body"])
    said: dict[str, Any] = {
        "message_id": row["id"],
        "thread": thread,
        "channel": channel,
        "direction": row["direction"],
        "author": row["author"],
        "snippet": shown,
        "attachments": len(row["attachments"]),
    }
    if row["direction"] == "in" and not row["automatic"]:
        said |= guessing.marked(words(row["subject"], row["body"]))
    kind = "message.automatic" if row["automatic"] else f"message.{row['direction']}"
    title, subject = row["subject"] or shown, f"message:{row['id']}"
    return Entry(row["contact_id"], kind, row["sent_at"], title, said, subject, payload_id)


def change_entry(fact: ConversationChanged, contact_id: int, payload_id: int | None) -> Entry:
    """The line of a change of status or agent."""
    kind = CHANGES[fact.status]
    said = {"thread": fact.conversation_id, "channel": fact.channel, "status": fact.status, "agent": fact.agent}
    at = fact.occurred_at.isoformat()
    subject = f"conversation:{fact.source}:{fact.conversation_id}:{at}:{kind}:{fact.agent}"
    return Entry(contact_id, kind, fact.occurred_at, fact.subject or fact.agent, said, subject, payload_id)
