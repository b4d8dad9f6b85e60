"""How a person's messages go. A thread in which others wrote too stays theirs."""

from __future__ import annotations

from sqlalchemy import ScalarSelect, Select, delete, select, update

from crm360.conversations.models import Conversation, Message, ThreadKey
from crm360.kernel.db import db
from crm360.kernel.personal_data import Erasers, Keeps, Whom


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
