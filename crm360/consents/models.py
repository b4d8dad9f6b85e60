"""The consent ledger: append-only statements, one per act or claim; and the addresses nobody may write to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, JsonValue, UtcDateTime


class Statement(Base):
    """What was said about one address, one purpose, one channel. Keyed by the address, never by the profile."""

    __tablename__ = "consents_statement"
    __table_args__ = (
        UniqueConstraint("source", "statement_id"),
        Index(None, "identifier_kind", "identifier_normal"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    identifier_kind: Mapped[str] = mapped_column(String)
    identifier_value: Mapped[str] = mapped_column(String)
    identifier_normal: Mapped[str] = mapped_column(String)
    purpose: Mapped[str] = mapped_column(String)
    channel: Mapped[str] = mapped_column(String)
    state: Mapped[str] = mapped_column(String)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String)
    #: The source's own id of the act, or a digest of the statement; makes repeats harmless.
    statement_id: Mapped[str] = mapped_column(String)
    method: Mapped[str] = mapped_column(String, default="")
    evidence_grade: Mapped[str] = mapped_column(String, default="D")
    notice: Mapped[str] = mapped_column(String, default="")
    evidence: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    payload_id: Mapped[int | None] = mapped_column(BigId)


class Suppression(Base):
    """An address nobody may write to any more, kept as a keyed digest: it outlives the person it was of."""

    __tablename__ = "consents_suppression"
    __table_args__ = (UniqueConstraint("digest", "key_id", "channel", "reason"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: HMAC-SHA-256 of the normalised address, in hex.
    digest: Mapped[str] = mapped_column(String)
    #: Which key made the digest.
    key_id: Mapped[str] = mapped_column(String)
    channel: Mapped[str] = mapped_column(String)
    #: complained, hard_bounced, unsubscribed
    reason: Mapped[str] = mapped_column(String)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String, default="")
    payload_id: Mapped[int | None] = mapped_column(BigId, index=True)
