"""Tables of lists that colleagues keep. Neither names a customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, JsonValue, UtcDateTime


class Saved(Base):
    """A list of customers under a name: its owner's alone, or offered to everybody."""

    __tablename__ = "lists_saved"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("accounts_staff.id"))
    name: Mapped[str] = mapped_column(String)
    shared: Mapped[bool] = mapped_column(default=False)
    #: As `asking.address` writes it.
    asked: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
