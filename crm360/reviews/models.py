"""Tables of reviews. A review hangs on a contact; one whose writer nobody knows hangs on nobody."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, UtcDateTime


class Review(Base):
    """A review as its source has it now, and what became of it here: open → answered, or closed without an answer."""

    __tablename__ = "reviews_review"
    __table_args__ = (UniqueConstraint("source", "external_id"), Index(None, "handled", "written_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: None: nobody is known to have written it.
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    source: Mapped[str] = mapped_column(String)
    #: None once its writer was forgotten.
    external_id: Mapped[str | None] = mapped_column(String)
    #: 1 to 5; None: only words.
    rating: Mapped[int | None] = mapped_column()
    title: Mapped[str] = mapped_column(String, default="")
    body: Mapped[str] = mapped_column(String, default="")
    #: The name it is signed with.
    author: Mapped[str] = mapped_column(String, default="")
    product_id: Mapped[str] = mapped_column(String, default="")
    product: Mapped[str] = mapped_column(String, default="")
    #: Where it can be read.
    url: Mapped[str] = mapped_column(String, default="")
    #: The source knows of a purchase.
    verified: Mapped[bool] = mapped_column(default=False)
    #: published, waiting, removed: whether its source shows it.
    state: Mapped[str] = mapped_column(String, default="published")
    #: open, answered, closed
    handled: Mapped[str] = mapped_column(String, default="open")
    answer: Mapped[str] = mapped_column(String, default="")
    #: Why it was closed without an answer.
    reason: Mapped[str] = mapped_column(String, default="")
    #: Who answered or closed it; "" when the source told of the answer.
    handled_by: Mapped[str] = mapped_column(String, default="")
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: What the source said last is of this moment.
    version_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Desk(Base):
    """Who looks after bad reviews of customers that are nobody's: one row, `id` 1."""

    __tablename__ = "reviews_desk"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("accounts_staff.id"))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[str] = mapped_column(String)
