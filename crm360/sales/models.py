"""Tables of the sales desk. All hang on a contact, so an undone merge gives everything back to whom it was about."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, UtcDateTime


class Task(Base):
    """Something a colleague has to do, usually for a customer."""

    __tablename__ = "sales_task"
    __table_args__ = (Index(None, "owner_id", "done_at", "due_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    title: Mapped[str] = mapped_column(String)
    #: The last moment at which it is not late; None: whenever. Of a task for a day, the end of that day where the shop is.
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Whether only the day was said, not an hour.
    whole_day: Mapped[bool] = mapped_column(default=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("accounts_staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by: Mapped[str] = mapped_column(String, default="")
    #: "<kind>:<id>" of what it came from ("answer:17"), one task each; None when a colleague thought of it.
    origin: Mapped[str | None] = mapped_column(String, unique=True)


class Call(Base):
    """A telephone call with a customer, as the colleague logged it."""

    __tablename__ = "sales_call"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    #: in, out
    direction: Mapped[str] = mapped_column(String)
    #: reached, no_answer, voicemail
    outcome: Mapped[str] = mapped_column(String)
    body: Mapped[str] = mapped_column(String, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    staff_id: Mapped[int] = mapped_column(ForeignKey("accounts_staff.id"))


class Ownership(Base):
    """Whose customer this is; the newest row among a profile's contacts counts."""

    __tablename__ = "sales_ownership"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    #: None: nobody's any more.
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_staff.id"), index=True)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[str] = mapped_column(String)


class Deal(Base):
    """A sale that is being made."""

    __tablename__ = "sales_deal"
    __table_args__ = (Index(None, "stage", "moved_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    title: Mapped[str] = mapped_column(String)
    stage: Mapped[str] = mapped_column(String)
    #: What it is worth when won; None: not known yet.
    value_minor: Mapped[int | None] = mapped_column(BigId)
    currency: Mapped[str] = mapped_column(String, default="")
    next_step: Mapped[str] = mapped_column(String, default="")
    next_on: Mapped[date | None] = mapped_column(Date)
    owner_id: Mapped[int] = mapped_column(ForeignKey("accounts_staff.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Why it was lost.
    reason: Mapped[str] = mapped_column(String, default="")


class DealMove(Base):
    """A deal's way through the stages. Append-only."""

    __tablename__ = "sales_deal_move"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("sales_deal.id"), index=True)
    stage: Mapped[str] = mapped_column(String)
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    moved_by: Mapped[str] = mapped_column(String)


class Mention(Base):
    """A colleague named in a note, who is asked to look."""

    __tablename__ = "sales_mention"
    __table_args__ = (UniqueConstraint("note_id", "staff_id"), Index(None, "staff_id", "seen_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("profiles_note.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("accounts_staff.id"))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Suggestion(Base):
    """What a colleague did with a step that was suggested for a customer: taken on as a task, or set aside."""

    __tablename__ = "sales_suggestion"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    #: cart, silent, offer, ask
    rule: Mapped[str] = mapped_column(String)
    #: The occasion ("cart:17:2026-11-23"): it is not suggested again, the next one is.
    subject: Mapped[str] = mapped_column(String)
    #: What it was about, such as the names of goods.
    about: Mapped[str] = mapped_column(String, default="")
    #: taken, dismissed
    answer: Mapped[str] = mapped_column(String)
    why: Mapped[str] = mapped_column(String, default="")
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_by: Mapped[str] = mapped_column(String)
    #: When the answer was taken back, and by whom: the step may be suggested again.
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str] = mapped_column(String, default="")
