"""What may be done to conversations. Batches, idempotent, in whatever order facts arrive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update

from crm360.conversations import thread
from crm360.conversations.gathering import Statement, gather
from crm360.conversations.message_entries import change_entry, message_entry
from crm360.conversations.models import Message
from crm360.facts import ConversationChanged, MessageExchanged, Received
from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.kernel.keyed_rows import Key, find_by_key
from crm360.profiles import timeline

_MESSAGES: Any = Message.__table__


def record_messages(*, received: Sequence[Received[MessageExchanged]], now: datetime) -> None:
    """Record messages and join their threads; a message known already changes nothing."""
    told = [(item, item.contact_id) for item in received if item.contact_id is not None]
    if not told:
        return
    dialects.lock_partition(db.session)
    facts = [item.fact for item, _ in told]
    conversation_ids = gather(
        [Statement(thread.keys_of_message(item.fact), thread.told_by_message(item.fact, whom)) for item, whom in told]
    )
    rows = find_by_key(_MESSAGES, ((fact.source, fact.message_id) for fact in facts))
    changed: dict[Key, Received[MessageExchanged]] = {}
    for (item, whom), conversation_id in zip(told, conversation_ids, strict=True):
        key, row = (item.fact.source, item.fact.message_id), _row(item.fact, whom, conversation_id)
        if key not in rows or _precedence(row) > _precedence(rows[key]):
            rows[key] = rows.get(key, {}) | row
            changed[key] = item
    _save([rows[key] for key in changed])
    entries = [
        message_entry(
            rows[key], channel=item.fact.channel, thread=item.fact.conversation_id, payload_id=item.payload_id
        )
        for key, item in changed.items()
    ]
    timeline.note(entries=entries, now=now)


def record_changes(*, received: Sequence[Received[ConversationChanged]], now: datetime) -> None:
    """Record that conversations were opened, resolved, reopened or assigned; the newest status counts."""
    told = [(item, item.contact_id) for item in received if item.contact_id is not None]
    if not told:
        return
    dialects.lock_partition(db.session)
    gather([Statement(thread.keys_of_change(item.fact), thread.told_by_change(item.fact, whom)) for item, whom in told])
    entries = [
        change_entry(item.fact, whom, item.payload_id) for item, whom in told if item.fact.status or item.fact.agent
    ]
    timeline.note(entries=entries, now=now)


def _row(fact: MessageExchanged, contact_id: int, conversation_id: int) -> dict[str, Any]:
    return {
        "conversation_id": conversation_id,
        "contact_id": contact_id,
        "source": fact.source,
        "external_id": fact.message_id,
        "direction": fact.direction,
        "sent_at": fact.occurred_at,
        "subject": fact.subject,
        "body": fact.body,
        "author": fact.author,
        "automatic": fact.automatic,
        "attachments": list(fact.attachments),
        "answers": list(fact.in_reply_to),
    }


def _precedence(row: dict[str, Any]) -> tuple[Any, ...]:
    """Decides between two tellings of one message, whichever came first."""
    said = ("sent_at", "contact_id", "direction", "subject", "body", "author", "automatic", "attachments", "answers")
    return tuple(row[name] for name in said)


def _save(rows: Sequence[dict[str, Any]]) -> None:
    """Insert messages without an id, which then have theirs; overwrite the others."""
    known = [{"row_id" if name == "id" else name: value for name, value in row.items()} for row in rows if "id" in row]
    if known:
        statement = update(_MESSAGES).where(_MESSAGES.c.id == bindparam("row_id"))
        db.session.connection().execute(statement, known)
    new = [row for row in rows if "id" not in row]
    if new:
        told = insert(_MESSAGES).returning(_MESSAGES.c.id, _MESSAGES.c.source, _MESSAGES.c.external_id)
        ids = {(source, message_id): row_id for row_id, source, message_id in db.session.execute(told, new)}
        for row in new:
            row["id"] = ids[row["source"], row["external_id"]]
