"""Tables of segments and of the files handed out. Members, due moments and permissions can be rebuilt from facts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, UtcDateTime


class Segment(Base):
    """A named set of customers: `dynamic` by its rule, `static` as people put them in, `snapshot` as it was once."""

    __tablename__ = "segments_segment"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String, unique=True)
    description: Mapped[str] = mapped_column(String, default="")
    kind: Mapped[str] = mapped_column(String)
    #: Whether it serves marketing: who objected to that is not even evaluated.
    marketing: Mapped[bool] = mapped_column(default=True)
    #: Put on members when they enter, taken off when they leave; empty: none.
    tag: Mapped[str] = mapped_column(String, default="")
    #: Number of the version in force; 0: it has no rule.
    version: Mapped[int] = mapped_column(default=0)
    #: The version the members are of; older than `version` while it waits to be built.
    built_version: Mapped[int] = mapped_column(default=0)
    #: Up to when the members are exact.
    exact_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The segment a snapshot was made of.
    origin_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Version(Base):
    """One version of a segment's rule, final once written."""

    __tablename__ = "segments_version"

    segment_id: Mapped[int] = mapped_column(ForeignKey("segments_segment.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: As `parsing.document` writes it; plain JSON on either database, so its keys keep their order.
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String)
    #: How many came and went because of this version; None until built.
    entered: Mapped[int | None] = mapped_column()
    left: Mapped[int | None] = mapped_column()


class Member(Base):
    """Who is in a segment. Derived, of dynamic ones."""

    __tablename__ = "segments_member"
    __table_args__ = (Index(None, "profile_id"), {"sqlite_with_rowid": False})

    segment_id: Mapped[int] = mapped_column(ForeignKey("segments_segment.id"), primary_key=True, autoincrement=False)
    profile_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class Due(Base):
    """When the passing of time may next change whether a customer is in a segment. Derived."""

    __tablename__ = "segments_due"
    __table_args__ = (Index(None, "due_at"), Index(None, "profile_id"), {"sqlite_with_rowid": False})

    segment_id: Mapped[int] = mapped_column(ForeignKey("segments_segment.id"), primary_key=True, autoincrement=False)
    profile_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Change(Base):
    """A customer came into a segment or left it: when, and why. Append-only."""

    __tablename__ = "segments_change"
    __table_args__ = (Index(None, "segment_id", "at", "id"), Index(None, "profile_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    segment_id: Mapped[int] = mapped_column(ForeignKey("segments_segment.id"))
    profile_id: Mapped[int] = mapped_column(BigId)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: When that was worked out and written down; time changes a membership before anybody looks.
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered: Mapped[bool] = mapped_column()
    #: data, time, rule, identity, consent, staff
    reason: Mapped[str] = mapped_column(String)
    version: Mapped[int] = mapped_column()


class Watched(Base):
    """A purpose and channel some rule asks about: permissions are kept for everybody who holds an address."""

    __tablename__ = "segments_watched"

    purpose: Mapped[str] = mapped_column(String, primary_key=True)
    channel: Mapped[str] = mapped_column(String, primary_key=True)
    #: Which definition of the purpose the permissions were asked by.
    definition: Mapped[int] = mapped_column(default=0)
    #: Everybody up to this profile was asked about.
    reached: Mapped[int] = mapped_column(BigId, default=0)
    #: When everybody had been; None while that goes on.
    built_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Permission(Base):
    """Where the one decision of consents leaves a holder of an address, for a watched purpose and channel. Derived."""

    __tablename__ = "segments_permission"
    __table_args__ = (Index(None, "profile_id"), Index(None, "recheck_at"), {"sqlite_with_rowid": False})

    purpose: Mapped[str] = mapped_column(String, primary_key=True)
    channel: Mapped[str] = mapped_column(String, primary_key=True)
    profile_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    #: One of `consents.reaching.STEPS`.
    step: Mapped[str] = mapped_column(String)
    #: Until when it holds by the passing of time alone; None: for ever.
    recheck_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Drop(Base):
    """A segment written to a folder at set times: whom we may reach for a purpose on a channel, as a file."""

    __tablename__ = "segments_drop"
    __table_args__ = (Index(None, "due_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    segment_id: Mapped[int] = mapped_column(ForeignKey("segments_segment.id"), index=True)
    #: Below EXPORT_ROOT.
    folder: Mapped[str] = mapped_column(String)
    purpose: Mapped[str] = mapped_column(String)
    channel: Mapped[str] = mapped_column(String)
    #: csv, xlsx
    form: Mapped[str] = mapped_column(String)
    #: By the shop's clock; `weekday` 0 is Monday, None is every day.
    hour: Mapped[int] = mapped_column()
    weekday: Mapped[int | None] = mapped_column()
    #: A file nobody took away is removed after so many days.
    keep_days: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String)
    #: None while it is paused.
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: A worker writes it until then; another one may take it over afterwards.
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Tries in a row that failed; the turn stays until one does not.
    failures: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: No turn follows any more; what still lies in its folder is removed in time.
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Dropped(Base):
    """One turn of a drop: `written` beside its place, `placed` under its name, `removed` again; or it `failed`."""

    __tablename__ = "segments_dropped"
    __table_args__ = (Index(None, "drop_id", "at"), Index(None, "state", "remove_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    drop_id: Mapped[int] = mapped_column(ForeignKey("segments_drop.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String)
    #: Where the file is, and what it was called until it was whole: below EXPORT_ROOT.
    file: Mapped[str] = mapped_column(String, default="")
    part: Mapped[str] = mapped_column(String, default="")
    rows: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String, default="")
    #: When a file nobody took away goes.
    remove_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
