"""Tables of privacy: a case per request."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, JsonValue, UtcDateTime


class Case(Base):
    """One request of a person (or of a shop for all its people), from its receipt to its end.

    It outlives the person's data: that a request came and was met must be provable.
    """

    __tablename__ = "privacy_case"
    __table_args__ = (UniqueConstraint("source", "external_id"), Index(None, "status", "due_on"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: access, erasure, shop_erasure
    right: Mapped[str] = mapped_column(String)
    #: open; what may follow is for those who work on cases
    status: Mapped[str] = mapped_column(String, default="open")
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: How it came: "webhook", "letter", "form".
    received_via: Mapped[str] = mapped_column(String)
    source: Mapped[str] = mapped_column(String)
    #: The source's own id of the request; a repeat opens no second case.
    external_id: Mapped[str] = mapped_column(String)
    #: The last day on which it may be met.
    due_on: Mapped[date]
    #: Whom it is about, as far as they are known here; None: nobody known, or everybody of a shop.
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    #: What the request said of the person: [{"kind": "email", "value": …}].
    identifiers: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue, default=list)
    #: What else it said: orders asked for, the shop.
    details: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    payload_id: Mapped[int | None] = mapped_column(BigId)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
