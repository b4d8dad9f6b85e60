"""Letters: every message to a person, from the moment it is promised."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, JsonValue, UtcDateTime


class Letter(Base):
    """One message to one address.

    queued → claimed (a sender has it in hand) → speaking (it may be on the wire) → sent, refused or unknown; a letter
    that is claimed goes back to the queue when its sender dies, one that was being spoken becomes unknown and is never
    sent again by itself. stopped: a withdrawal or a suppression came first. cancelled: somebody called it off.
    """

    __tablename__ = "outbox_letter"
    __table_args__ = (
        Index("ix_outbox_letter_queue", "due_at", "id", sqlite_where=text("state = 'queued'"),
              postgresql_where=text("state = 'queued'")),
        Index("ix_outbox_letter_in_hand", "claimed_until", sqlite_where=text("state IN ('claimed', 'speaking')"),
              postgresql_where=text("state IN ('claimed', 'speaking')")),
        Index(None, "subject_of", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: Makes a promise given twice one letter ("confirm:17", "campaign:4:recipient:912").
    dedup_key: Mapped[str] = mapped_column(String, unique=True)
    #: What it belongs to: "campaign:4", "case:12", "confirmation".
    subject_of: Mapped[str] = mapped_column(String)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    to_address: Mapped[str] = mapped_column(String)
    #: The purpose it is sent for; "service" needs no consent.
    purpose: Mapped[str] = mapped_column(String)
    sender_name: Mapped[str] = mapped_column(String, default="")
    reply_to: Mapped[str] = mapped_column(String, default="")
    subject: Mapped[str] = mapped_column(String)
    text: Mapped[str] = mapped_column(String)
    html: Mapped[str] = mapped_column(String, default="")
    headers: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    message_id: Mapped[str] = mapped_column(String, unique=True)
    state: Mapped[str] = mapped_column(String, default="queued")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The server's reply, or why it was not sent.
    reason: Mapped[str] = mapped_column(String, default="")


class Permit(Base):
    """What was decided about a letter at the moment it was to leave, and the consents the decision rests on."""

    __tablename__ = "outbox_permit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("outbox_letter.id"), index=True)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    permitted: Mapped[bool] = mapped_column()
    #: A code of `consents.policy.REASONS`, or of whoever promised the letter.
    reason: Mapped[str] = mapped_column(String)
    #: Ids of the statements of the ledger.
    evidence: Mapped[list[int]] = mapped_column(JsonValue, default=list)
