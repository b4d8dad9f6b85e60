"""Tables of lists that colleagues keep, and of what they did to everybody on one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
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


class Action(Base):
    """Something done to many customers at once: by whom, when, what; and how far it is, or was taken back."""

    __tablename__ = "lists_action"
    __table_args__ = (Index(None, "state"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: One of `deeds.PERMISSIONS`.
    deed: Mapped[str] = mapped_column(String)
    #: {"tag"}, {"owner_id"}, {"mark", "due_at", "whole_day", "owner_id"} or {"segment_id"}.
    said: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    #: Of tasks: what is to be done. Forgotten when one of those it was for is erased; `mark` is its digest.
    title: Mapped[str] = mapped_column(String, default="", server_default="")
    #: As `asking.address` writes the list all of whom were meant; None: some were chosen one by one.
    asked: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    total: Mapped[int] = mapped_column(default=0)
    #: Of these `changed` were, `same` needed nothing, `left` were gone or not to be changed.
    changed: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    left: Mapped[int] = mapped_column(default=0)
    #: Of the changed ones `undone` are as they were, `kept` were changed again by somebody else.
    undone: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    #: doing, done, undoing, undone; stopped: it could not go on, `problem` says why.
    state: Mapped[str] = mapped_column(String, default="doing")
    #: Number of the last customer looked at, on the way there or back.
    position: Mapped[int] = mapped_column(BigId, default=0)
    problem: Mapped[str] = mapped_column(String, default="")
    staff_id: Mapped[int] = mapped_column(ForeignKey("accounts_staff.id"))
    made_by: Mapped[str] = mapped_column(String)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str] = mapped_column(String, default="")
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Target(Base):
    """A customer an action is for, by a contact: whoever it belongs to when its turn comes is meant.

    No foreign key: a contact taken back with an import must not be held by what was done to it.
    """

    __tablename__ = "lists_target"
    __table_args__ = ({"sqlite_with_rowid": False},)

    action_id: Mapped[int] = mapped_column(ForeignKey("lists_action.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(BigId, index=True)
    #: waiting, changed, same, left, undone, kept
    state: Mapped[str] = mapped_column(String, default="waiting")
    #: What was changed, so that exactly that is taken back.
    did: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
