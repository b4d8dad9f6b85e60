"""Tables of threads and messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, JsonValue, UtcDateTime


class Conversation(Base):
    """A thread with one customer in one channel."""

    __tablename__ = "conversations_conversation"
    __table_args__ = (UniqueConstraint("source", "external_id"), Index(None, "contact_id", "last_message_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: Whom its newest message is with.
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"))
    contact_at: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String)
    #: The smallest of the source's ids when several threads turned out to be one.
    external_id: Mapped[str] = mapped_column(String)
    channel: Mapped[str] = mapped_column(String)
    #: The earliest subject line.
    subject: Mapped[str] = mapped_column(String, default="")
    subject_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: open, pending, resolved, snoozed; from the newest status change heard of
    status: Mapped[str] = mapped_column(String, default="open")
    status_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    agent: Mapped[str] = mapped_column(String, default="")
    agent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: The newest message or change of status.
    last_message_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ThreadKey(Base):
    """An id by which a thread is known: the source's conversation id, or a message id that is in it or is answered."""

    __tablename__ = "conversations_thread_key"

    source: Mapped[str] = mapped_column(String, primary_key=True)
    #: "conversation:<id>" or "message:<id>"
    key: Mapped[str] = mapped_column(String, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations_conversation.id"), index=True)


class Message(Base):
    """One message. `direction`: in = from the customer, out = from the shop, note = between colleagues."""

    __tablename__ = "conversations_message"
    __table_args__ = (UniqueConstraint("source", "external_id"), Index(None, "conversation_id", "sent_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations_conversation.id"))
    #: Who it was with at the time; a conversation may change hands (a father's thread answered by his son).
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    source: Mapped[str] = mapped_column(String)
    external_id: Mapped[str] = mapped_column(String)
    direction: Mapped[str] = mapped_column(String)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    subject: Mapped[str] = mapped_column(String, default="")
    body: Mapped[str] = mapped_column(String, default="")
    author: Mapped[str] = mapped_column(String, default="")
    automatic: Mapped[bool] = mapped_column(default=False)
    attachments: Mapped[list[str]] = mapped_column(JsonValue, default=list)
    #: Message ids it answers, newest last (e-mail References); threads are found by them.
    answers: Mapped[list[Any]] = mapped_column(JsonValue, default=list)
