"""Tables of privacy: a case per request, its log, its steps, its codes and packages; and the digests of the erased."""

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
    #: See `rights.RIGHTS`.
    right: Mapped[str] = mapped_column(String)
    #: open → working (granted, the worker is at it) → done → closed; refused, cancelled
    status: Mapped[str] = mapped_column(String, default="open")
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: How it came: "webhook", "letter", "form", "api".
    received_via: Mapped[str] = mapped_column(String)
    source: Mapped[str] = mapped_column(String)
    #: The source's own id of the request; a repeat opens no second case.
    external_id: Mapped[str] = mapped_column(String)
    #: The last day on which it may be met, extension and pauses included.
    due_on: Mapped[date]
    #: Whom it is about, as far as they are known here; None: nobody known, everybody of a shop, or somebody erased.
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("identity_contact.id"), index=True)
    #: What the request said of the person: [{"kind": "email", "value": …}].
    identifiers: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue, default=list)
    #: What else it said: orders asked for, the shop.
    details: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    payload_id: Mapped[int | None] = mapped_column(BigId)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: That the requester is the person: {"method", "level", "at", "by"}; empty until it is shown.
    verification: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict, server_default="{}")
    #: {"until", "reason", "at", "by"}: the one extension the law allows.
    extension: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict, server_default="{}")
    #: Since when the clock rests, waiting for the requester; None: it runs.
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: granted, refused
    decision: Mapped[str] = mapped_column(String, default="", server_default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String, default="", server_default="")
    #: See `rights.GROUNDS`.
    refusal_ground: Mapped[str] = mapped_column(String, default="", server_default="")
    #: Of an erasure: {"counts": {table: rows}, "holds": […], "contact_ids", "payload_ids", "made_at"}; ids go at its end.
    plan: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict, server_default="{}")
    #: What was done, in numbers, and what stays on which ground; signed.
    certificate: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict, server_default="{}")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Event(Base):
    """Something that was done in a case. Append-only; says nothing of the person."""

    __tablename__ = "privacy_event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("privacy_case.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String)
    #: opened, code_sent, verified, code_refused, paused, resumed, extended, granted, refused, cancelled, planned, …
    what: Mapped[str] = mapped_column(String)
    details: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)


class Step(Base):
    """One step of the work on a case: waiting → done. A worker that dies goes on with the first that is not done."""

    __tablename__ = "privacy_step"

    case_id: Mapped[int] = mapped_column(ForeignKey("privacy_case.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String)
    state: Mapped[str] = mapped_column(String, default="waiting")
    #: Rows, files or lines it removed; of an unfinished step also how far it came.
    counts: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Why it has to be tried again; empty when it need not.
    failure: Mapped[str] = mapped_column(String, default="")


class Code(Base):
    """A code sent to an address on file: who reads it there is the person, or may take a package away."""

    __tablename__ = "privacy_code"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("privacy_case.id"), index=True)
    #: verify, download
    use: Mapped[str] = mapped_column(String)
    #: HMAC of the code; the code itself is in the letter only.
    digest: Mapped[str] = mapped_column(String)
    #: "email", and whether the address was new or changed by staff: {"kind", "fresh", "by_staff"}
    sent_to: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    #: right, or the last attempt was wrong; None while it may still be used
    settled: Mapped[str] = mapped_column(String, default="")


class Package(Base):
    """A copy of somebody's data as a file: asked for → made → taken, or expired. Taken once, within days."""

    __tablename__ = "privacy_package"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("privacy_case.id"), index=True)
    #: waiting, made, taken, expired
    state: Mapped[str] = mapped_column(String, default="waiting")
    locale: Mapped[str] = mapped_column(String, default="en")
    #: Only what Article 20 is about.
    portable_only: Mapped[bool] = mapped_column(default=False)
    #: Parts done of all parts.
    done: Mapped[int] = mapped_column(default=0)
    parts: Mapped[int] = mapped_column(default=0)
    #: Name of the file in the instance's folder; "" once it is gone.
    stored: Mapped[str] = mapped_column(String, default="")
    sha256: Mapped[str] = mapped_column(String, default="")
    size: Mapped[int] = mapped_column(BigId, default=0)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[str] = mapped_column(String)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str] = mapped_column(String, default="")


class Callback(Base):
    """An address that wants to hear how a request does. Gone with the request's last status, or when it is given up."""

    __tablename__ = "privacy_callback"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("privacy_case.id"), index=True)
    url: Mapped[str] = mapped_column(String)
    #: The case's status it knows of.
    told: Mapped[str] = mapped_column(String)
    #: Tries to tell the status that comes next.
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Tombstone(Base):
    """Somebody erased, known only by keyed digests of their records' ids and addresses: no import brings them back.

    Kept in a file outside the database too, so that a restored backup learns of erasures younger than itself.
    """

    __tablename__ = "privacy_tombstone"

    #: HMAC-SHA-256 of "source\\0id" or "kind\\0normal", in hex.
    digest: Mapped[str] = mapped_column(String, primary_key=True)
    key_id: Mapped[str] = mapped_column(String)
    erased_at: Mapped[datetime] = mapped_column(UtcDateTime)
    case_id: Mapped[int | None] = mapped_column(BigId)
