"""Tables of staff, keys and the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, JsonValue, UtcDateTime


class Staff(Base):
    """A person who signs in."""

    __tablename__ = "accounts_staff"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(String, unique=True)
    name: Mapped[str] = mapped_column(String, default="")
    role: Mapped[str] = mapped_column(String)
    password_hash: Mapped[str] = mapped_column(String)
    #: Part of the session cookie; a new one signs the person out everywhere.
    session_token: Mapped[str] = mapped_column(String)
    locale: Mapped[str] = mapped_column(String, default="")
    theme: Mapped[str] = mapped_column(String, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Key(Base):
    """A write key (tracking, names a source) or an API key (has a role). Only a digest of the secret is kept."""

    __tablename__ = "accounts_key"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String)
    name: Mapped[str] = mapped_column(String)
    role: Mapped[str] = mapped_column(String, default="")
    digest: Mapped[str] = mapped_column(String, unique=True)
    hint: Mapped[str] = mapped_column(String)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditEntry(Base):
    """Who did or read what, when. Append-only."""

    __tablename__ = "accounts_audit_entry"
    __table_args__ = (
        Index(None, "subject_kind", "subject_id", "at"),
        Index(None, "actor_kind", "actor_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_kind: Mapped[str] = mapped_column(String)
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_name: Mapped[str] = mapped_column(String, default="")
    action: Mapped[str] = mapped_column(String)
    subject_kind: Mapped[str] = mapped_column(String, default="")
    subject_id: Mapped[int | None] = mapped_column(BigId)
    details: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    request_id: Mapped[str] = mapped_column(String, default="")


class SecondFactor(Base):
    """The secret of a person's authenticator app (TOTP, RFC 6238), sealed. Counts once a first code was right."""

    __tablename__ = "accounts_second_factor"

    staff_id: Mapped[int] = mapped_column(ForeignKey("accounts_staff.id"), primary_key=True, autoincrement=False)
    secret: Mapped[str] = mapped_column(String)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The 30-second step of the last code taken: a code works once.
    last_step: Mapped[int] = mapped_column(BigId, default=0)


class OutsideAccount(Base):
    """An account of the company's own sign-in provider (OpenID Connect) that leads to a colleague's."""

    __tablename__ = "accounts_outside_account"

    issuer: Mapped[str] = mapped_column(String, primary_key=True)
    subject: Mapped[str] = mapped_column(String, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("accounts_staff.id"), index=True)
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """Lets a person in once who lost the app. Only a digest is kept."""

    __tablename__ = "accounts_recovery_code"

    digest: Mapped[str] = mapped_column(String, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("accounts_staff.id"), index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Attempt(Base):
    """How many attempts one network address made in one span of time. Gone when the span is over."""

    __tablename__ = "accounts_attempt"

    key: Mapped[str] = mapped_column(String, primary_key=True)
    attempts: Mapped[int] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class TeamPlace(Base):
    """Who leads a colleague, and what chats and mailboxes call them. Figures of work are theirs and their lead's alone."""

    __tablename__ = "accounts_team_place"

    staff_id: Mapped[int] = mapped_column(ForeignKey("accounts_staff.id"), primary_key=True, autoincrement=False)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_staff.id"))
    #: "" where it is their name.
    agent_name: Mapped[str] = mapped_column(String, default="")
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[str] = mapped_column(String)


class Pulse(Base):
    """A question to all colleagues, kept apart from customers' surveys."""

    __tablename__ = "accounts_pulse"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    question_en: Mapped[str] = mapped_column(String)
    question_pl: Mapped[str] = mapped_column(String)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[str] = mapped_column(String)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PulseVote(Base):
    """That a colleague answered: each once. Not what, nor when."""

    __tablename__ = "accounts_pulse_vote"

    pulse_id: Mapped[int] = mapped_column(ForeignKey("accounts_pulse.id"), primary_key=True, autoincrement=False)
    staff_id: Mapped[int] = mapped_column(ForeignKey("accounts_staff.id"), primary_key=True, autoincrement=False)


class PulseAnswer(Base):
    """What somebody answered. A number drawn by chance and no time: no order of rows leads to who it was."""

    __tablename__ = "accounts_pulse_answer"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[str] = mapped_column(String, primary_key=True)
    pulse_id: Mapped[int] = mapped_column(ForeignKey("accounts_pulse.id"), index=True)
    score: Mapped[int] = mapped_column()
    body: Mapped[str] = mapped_column(String, default="")
