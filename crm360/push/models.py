"""The table of push subscriptions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, UtcDateTime


class Subscription(Base):
    """One browser's address at its push service, with the keys only that browser can read by."""

    __tablename__ = "push_subscription"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    #: The device in the words of its site: consents for the channel "push" are stated about it.
    device: Mapped[str] = mapped_column(String)
    source: Mapped[str] = mapped_column(String)
    #: SHA-256 of the address; the address itself is as long as a push service likes.
    endpoint_digest: Mapped[str] = mapped_column(String, unique=True)
    endpoint: Mapped[str] = mapped_column(String)
    p256dh: Mapped[str] = mapped_column(String)
    auth: Mapped[str] = mapped_column(String)
    user_agent: Mapped[str] = mapped_column(String, default="")
    #: When the browser last said that it takes messages; an older word than this changes nothing.
    subscribed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: unsubscribed (by the person), gone (its push service says so), staff
    ended_reason: Mapped[str] = mapped_column(String, default="")
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Refusals since the last message that was taken.
    failures: Mapped[int] = mapped_column(default=0)
