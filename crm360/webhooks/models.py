"""Tables of outgoing webhooks. Bodies hold ids, never names or addresses of customers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, JsonValue, UtcDateTime


def _waiting(name: str, *columns: str) -> Index:
    where = text("state = 'waiting'")
    return Index(f"ix_webhooks_delivery_{name}", *columns, sqlite_where=where, postgresql_where=where)


class Endpoint(Base):
    """An address of another system that wants to hear of customers."""

    __tablename__ = "webhooks_endpoint"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    url: Mapped[str] = mapped_column(String)
    description: Mapped[str] = mapped_column(String, default="")
    #: Kinds it asked for; none means all.
    kinds: Mapped[list[str]] = mapped_column(JsonValue, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: It asked to be left alone until then (Retry-After).
    quiet_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The first failure since something last arrived.
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Secret(Base):
    """A signing secret, sealed. After a rotation the older one signs too until `retires_at`."""

    __tablename__ = "webhooks_secret"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhooks_endpoint.id"), index=True)
    sealed: Mapped[str] = mapped_column(String)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Pause(Base):
    """A span in which an endpoint is sent nothing: who or what ordered it, and who ended it."""

    __tablename__ = "webhooks_pause"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhooks_endpoint.id"), index=True)
    #: by_hand · gone (the receiver answered 410) · failing (nothing arrived for days)
    reason: Mapped[str] = mapped_column(String)
    paused_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paused_by: Mapped[str] = mapped_column(String, default="")
    resumed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resumed_by: Mapped[str] = mapped_column(String, default="")


class Event(Base):
    """Something that happened to a customer, as it is sent: the very bytes, so that every attempt says the same."""

    __tablename__ = "webhooks_event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: Sent as `webhook-id`; a receiver that saw it before ignores it.
    message_id: Mapped[str] = mapped_column(String, unique=True)
    kind: Mapped[str] = mapped_column(String)
    profile_id: Mapped[int | None] = mapped_column(BigId, index=True)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    body: Mapped[str] = mapped_column(Text)


class Delivery(Base):
    """One event for one endpoint: waiting → delivered, or given up after the last attempt."""

    __tablename__ = "webhooks_delivery"
    __table_args__ = (
        Index(None, "endpoint_id", "id"),
        _waiting("due", "endpoint_id", "due_at"),
        _waiting("turn", "endpoint_id", "profile_id", "id"),
        _waiting("other_turn", "endpoint_id", "other_profile_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("webhooks_event.id"), index=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhooks_endpoint.id"))
    #: Whom it speaks of; None for a test, which waits for nobody.
    profile_id: Mapped[int | None] = mapped_column(BigId)
    other_profile_id: Mapped[int | None] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(String, default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: A worker that holds it speaks until then at most; after that another may take it over.
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Attempt(Base):
    """One try: the answer's status, or the word for how it failed; the beginning of what was answered."""

    __tablename__ = "webhooks_attempt"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("webhooks_delivery.id"), index=True)
    number: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[int | None] = mapped_column()
    #: "" when an answer came; else as in kernel.http.
    symbol: Mapped[str] = mapped_column(String, default="")
    excerpt: Mapped[str] = mapped_column(String, default="")
    milliseconds: Mapped[int] = mapped_column()
