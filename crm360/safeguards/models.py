"""Tables of legal holds, of retention rules and their runs, and of personal data breaches."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, JsonValue, UtcDateTime


class Hold(Base):
    """Data that must be kept whatever retention or an erasure says, for a claim or a proceeding (GDPR 17(3)(e)).

    Asked for by one person and approved by another; it stands from the approval to the release.
    """

    __tablename__ = "safeguards_hold"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ground: Mapped[str] = mapped_column(String)
    legal_ref: Mapped[str] = mapped_column(String, default="")
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    requested_by_id: Mapped[int] = mapped_column(BigId)
    requested_by: Mapped[str] = mapped_column(String)
    #: The day on which somebody must look whether it is still needed.
    review_on: Mapped[date]
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[str] = mapped_column(String, default="")
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    released_by: Mapped[str] = mapped_column(String, default="")
    #: Why it was released, or why it was never approved.
    release_reason: Mapped[str] = mapped_column(String, default="")


class HeldContact(Base):
    """Whom a hold is about, frozen when it was asked for: contacts, so that a merge or a split moves nothing."""

    __tablename__ = "safeguards_held_contact"

    hold_id: Mapped[int] = mapped_column(ForeignKey("safeguards_hold.id"), primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("identity_contact.id"), primary_key=True, autoincrement=False, index=True
    )


class RetentionRule(Base):
    """How long one kind of data is kept, from a moment on; the newest row of a kind counts."""

    __tablename__ = "safeguards_retention_rule"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: A kind of `retention.KINDS`.
    kind: Mapped[str] = mapped_column(String)
    #: None: kept until somebody asks for erasure.
    months: Mapped[int | None]
    legal_ref: Mapped[str] = mapped_column(String, default="")
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[str] = mapped_column(String)


class RetentionRun(Base):
    """One application of a rule, or a rehearsal of it: counts, never who it was about."""

    __tablename__ = "safeguards_retention_run"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("safeguards_retention_rule.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String)
    #: What ended before this moment is due.
    before: Mapped[datetime] = mapped_column(UtcDateTime)
    rehearsed: Mapped[bool]
    due: Mapped[int]
    done: Mapped[int]
    #: Due, and kept by a legal hold.
    held: Mapped[int]


class Breach(Base):
    """A personal data breach (GDPR 33(5): every one is recorded, notified or not)."""

    __tablename__ = "safeguards_breach"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(String)
    nature: Mapped[str] = mapped_column(String, default="")
    #: {"by": "source" | "staff" | "kind", "value": …}: what was open to whom it should not have been.
    scope: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: When we became aware of it: the clock of Art. 33(1) starts here.
    known_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Counted when it was recorded; counted anew whenever it is opened.
    people: Mapped[int]
    #: unlikely, likely, high: the risk to the people it is about
    risk: Mapped[str] = mapped_column(String)
    consequences: Mapped[str] = mapped_column(String, default="")
    measures: Mapped[str] = mapped_column(String, default="")
    authority_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    people_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Why late, or why nobody was told.
    reason: Mapped[str] = mapped_column(String, default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[str] = mapped_column(String)
