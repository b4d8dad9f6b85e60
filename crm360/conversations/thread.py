"""What is known of a thread, from what each message and change of status says of it.

Every fact tells a row on its own; `unite` makes one row of two, and it does not matter which comes first, how they are
grouped or how often one is repeated.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crm360.facts import ConversationChanged, MessageExchanged

#: A conversation's columns by name, without its id.
ThreadRow = dict[str, Any]


def told_by_message(fact: MessageExchanged, contact_id: int) -> ThreadRow:
    """The thread as one message shows it."""
    return _told(fact, contact_id) | {"external_id": fact.conversation_id or f"message:{fact.message_id}"}


def told_by_change(fact: ConversationChanged, contact_id: int) -> ThreadRow:
    """The thread as one change of its status or agent shows it."""
    row = _told(fact, contact_id) | {"external_id": fact.conversation_id}
    if fact.status:
        row |= {"status": fact.status, "status_at": fact.occurred_at}
    if fact.agent:
        row |= {"agent": fact.agent, "agent_at": fact.occurred_at}
    return row


def unite(one: ThreadRow, other: ThreadRow) -> ThreadRow:
    """The thread that both rows speak of."""
    return {
        "contact_at": max(one["contact_at"], other["contact_at"]),
        "contact_id": max(one, other, key=lambda row: (row["contact_at"], row["contact_id"]))["contact_id"],
        "source": one["source"],
        "external_id": min(one["external_id"], other["external_id"]),
        "channel": min(one["channel"], other["channel"]),
        "started_at": min(one["started_at"], other["started_at"]),
        "last_message_at": max(one["last_message_at"], other["last_message_at"]),
        **_chosen(one, other, "subject", earliest=True),
        **_chosen(one, other, "status"),
        **_chosen(one, other, "agent"),
    }


def keys_of_message(fact: MessageExchanged) -> tuple[str, ...]:
    """The ids by which a message's thread is known: its conversation, itself, and what it answers."""
    conversation = (f"conversation:{fact.conversation_id}",) if fact.conversation_id else ()
    ids = dict.fromkeys((fact.message_id, *fact.in_reply_to))
    return (*conversation, *(f"message:{message_id}" for message_id in ids if message_id))


def keys_of_change(fact: ConversationChanged) -> tuple[str, ...]:
    """The id by which a change names its thread."""
    return (f"conversation:{fact.conversation_id}",)


def _told(fact: MessageExchanged | ConversationChanged, contact_id: int) -> ThreadRow:
    at: datetime = fact.occurred_at
    return {
        "contact_id": contact_id,
        "contact_at": at,
        "source": fact.source,
        "channel": fact.channel,
        "subject": fact.subject,
        "subject_at": at if fact.subject else None,
        "status": "open",
        "status_at": None,
        "agent": "",
        "agent_at": None,
        "started_at": at,
        "last_message_at": at,
    }


def _chosen(one: ThreadRow, other: ThreadRow, column: str, *, earliest: bool = False) -> ThreadRow:
    """The statement of `column` that counts: the newest, or the earliest; a row without one says nothing."""
    time = f"{column}_at"
    stated = sorted((row[time], row[column]) for row in (one, other) if row[time] is not None)
    if not stated:
        return {column: one[column], time: None}
    at, value = stated[0] if earliest else stated[-1]
    return {column: value, time: at}
