"""Tables of surveys. Invitations and answers hang on contacts; an anonymous answer hangs on nobody."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, UtcDateTime


class Survey(Base):
    """A question in two languages, when it is put, and to whom it is news."""

    __tablename__ = "surveys_survey"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: Part of the public address.
    code: Mapped[str] = mapped_column(String, unique=True)
    name: Mapped[str] = mapped_column(String)
    #: nps, csat, ces, rating, open
    kind: Mapped[str] = mapped_column(String)
    #: Why its letters may be sent: a purpose's code.
    purpose: Mapped[str] = mapped_column(String)
    question_en: Mapped[str] = mapped_column(String)
    question_pl: Mapped[str] = mapped_column(String)
    #: When it is put by itself: order, event, conversation, silent, segment; empty: only where its link is.
    trigger: Mapped[str] = mapped_column(String, default="")
    #: For "event": the kind of the timeline's line.
    event_kind: Mapped[str] = mapped_column(String, default="")
    #: For "segment": whoever enters this one is asked.
    segment_id: Mapped[int | None] = mapped_column(BigId)
    #: How long after that.
    delay_hours: Mapped[int] = mapped_column(default=0)
    #: Nobody who was asked anything so recently is asked this.
    cooldown_days: Mapped[int] = mapped_column(default=90)
    #: Days after which a link asks no more.
    valid_days: Mapped[int] = mapped_column(default=30)
    #: Days after an unhappy customer was looked after, when they are asked again; None: never.
    again_days: Mapped[int | None] = mapped_column()
    #: Who looks after unhappy customers that are nobody's.
    owner_id: Mapped[int] = mapped_column(ForeignKey("accounts_staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Since when it asks by itself; None: it does not.
    active_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Orders and lines of the timeline up to these, and conversations and silences up to then, were looked at.
    seen_order_id: Mapped[int] = mapped_column(BigId, default=0)
    seen_entry_id: Mapped[int] = mapped_column(BigId, default=0)
    seen_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Invitation(Base):
    """One question to one customer about one thing: planned → asked → answered, or skipped with the reason."""

    __tablename__ = "surveys_invitation"
    __table_args__ = (UniqueConstraint("survey_id", "subject"), Index(None, "state", "ask_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys_survey.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    #: "order:17", "conversation:4", "entry:99", "silent:12:2026-03-01", "segment:3:12", "again:5"
    subject: Mapped[str] = mapped_column(String)
    ask_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String, default="planned")
    #: Why it was skipped: cooldown, a step of `consents.reaching`, stopped.
    reason: Mapped[str] = mapped_column(String, default="")
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Answer(Base):
    """What somebody answered."""

    __tablename__ = "surveys_answer"
    __table_args__ = (UniqueConstraint("source", "external_id"), Index(None, "survey_id", "answered_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys_survey.id"))
    #: An invitation is answered once.
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("surveys_invitation.id"), unique=True)
    #: None: the answer is anonymous.
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    score: Mapped[int | None] = mapped_column()
    body: Mapped[str] = mapped_column(String, default="")
    locale: Mapped[str] = mapped_column(String, default="")
    #: email, link, qr, site, api, chat
    channel: Mapped[str] = mapped_column(String)
    store: Mapped[str] = mapped_column(String, default="")
    agent: Mapped[str] = mapped_column(String, default="")
    #: What it is about, as in Invitation.
    subject: Mapped[str] = mapped_column(String, default="")
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Who told of it, and that system's own id; of answers given here both are empty and null.
    source: Mapped[str] = mapped_column(String, default="")
    external_id: Mapped[str | None] = mapped_column(String)
