"""Tables of the inbox: configured sources and the raw payloads they sent."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, JsonValue, UtcDateTime


class Source(Base):
    """One configured inlet: a shop, a site, a mailbox, a till export. `channel` names the reader of its payloads."""

    __tablename__ = "inbox_source"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String, unique=True)
    channel: Mapped[str] = mapped_column(String)
    #: Shared secret of a webhook's signature, or the unguessable part of its address. Never shown again.
    secret: Mapped[str] = mapped_column(String, default="")
    settings: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    #: Passwords and keys the source is asked with: name → sealed text (kernel.sealing).
    credentials: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Poll(Base):
    """Where the polling of a source stands: what to go on from, when it is due, how the last try ended."""

    __tablename__ = "inbox_poll"

    source_id: Mapped[int] = mapped_column(ForeignKey("inbox_source.id"), primary_key=True, autoincrement=False)
    cursor: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    #: A poller that holds it works until then at most; after that another may take it over.
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(String, default="")


class Payload(Base):
    """One raw payload: waiting → processed, or quarantined with the reason."""

    __tablename__ = "inbox_payload"
    __table_args__ = (
        UniqueConstraint("source_id", "dedup_key"),
        Index("ix_inbox_payload_waiting", "id", sqlite_where=text("state = 'waiting'"),
              postgresql_where=text("state = 'waiting'")),
        Index("ix_inbox_payload_quarantined", "id", sqlite_where=text("state = 'quarantined'"),
              postgresql_where=text("state = 'quarantined'")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("inbox_source.id"))
    #: The channel that reads it: usually the source's; a source may speak several (a file import beside a webhook).
    channel: Mapped[str] = mapped_column(String)
    dedup_key: Mapped[str] = mapped_column(String)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    headers: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String, default="waiting")
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String, default="")


class Refusal(Base):
    """How many requests a door refused on a day and kept nothing of, because nobody known had sent them."""

    __tablename__ = "inbox_refusal"

    on_day: Mapped[date] = mapped_column(primary_key=True)
    #: "POST /v1", "POST /hooks", "source 7": never an address, which may hold a secret.
    door: Mapped[str] = mapped_column(String, primary_key=True)
    code: Mapped[str] = mapped_column(String, primary_key=True)
    requests: Mapped[int] = mapped_column(BigId, default=0)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
