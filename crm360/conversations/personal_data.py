"""How a person's messages go. A thread in which others wrote too stays theirs."""

from __future__ import annotations

from sqlalchemy import ScalarSelect, Select, delete, select, update

from crm360.conversations.models import Conversation, Message, ThreadKey
from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom


def erase_messages(whom: Whom) -> None:
    db.session.execute(delete(Message).where(Message.contact_id.in_(whom.contact_ids)))


def erase_thread_keys(whom: Whom) -> None:
    """Runs after the messages: a thread is the person's when nobody else's message is left in it."""
    db.session.execute(delete(ThreadKey).where(ThreadKey.conversation_id.in_(_left_empty(whom))))


def erase_conversations(whom: Whom) -> None:
    """Remove the threads left empty; hand the others to whoever wrote last."""
    db.session.execute(delete(Conversation).where(Conversation.id.in_(_left_empty(whom))))
    theirs = Conversation.contact_id.in_(whom.contact_ids)
    db.session.execute(update(Conversation).where(theirs).values(contact_id=_last_writer(), subject=""))


def _left_empty(whom: Whom) -> Select[int]:
    written = select(Message.id).where(Message.conversation_id == Conversation.id).correlate(Conversation).exists()
    return select(Conversation.id).where(Conversation.contact_id.in_(whom.contact_ids), ~written)


def _last_writer() -> ScalarSelect[int]:
    newest = select(Message.contact_id).where(Message.conversation_id == Conversation.id).correlate(Conversation)
    return newest.order_by(Message.sent_at.desc(), Message.id.desc()).limit(1).scalar_subquery()


ERASERS: Erasers = {
    "conversations_message": erase_messages,
    "conversations_thread_key": erase_thread_keys,
    "conversations_conversation": erase_conversations,
}
KEEPS: Keeps = {}
COLUMNS: Columns = {
    "conversations_conversation": {
        "link": "id contact_id",
        "messages": "subject agent",
        "kind": "source external_id channel status",
        "time": "contact_at subject_at status_at agent_at started_at last_message_at",
    },
    "conversations_thread_key": {"messages": "key", "kind": "source", "link": "conversation_id"},
    "conversations_message": {
        "link": "id conversation_id contact_id",
        "messages": "external_id direction subject body author attachments answers",
        "kind": "source automatic",
        "time": "sent_at",
    },
}


def _threads(whom: Whom) -> Select[int]:
    return select(Conversation.id).where(Conversation.contact_id.in_(whom.contact_ids))


ROWS: Rows = {
    "conversations_message": lambda whom: Message.contact_id.in_(whom.contact_ids),
    "conversations_thread_key": lambda whom: ThreadKey.conversation_id.in_(_threads(whom)),
    "conversations_conversation": lambda whom: Conversation.contact_id.in_(whom.contact_ids),
}
