"""Tables of imports: the run, what it changed row by row, and what was wrong with the file's rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, JsonValue, UtcDateTime


class Run(Base):
    """One file on its way in: uploaded → checking → checked → running ⇄ paused → resolving → done → reverting →
    reverted; or failed, or discarded before it ran."""

    __tablename__ = "imports_run"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: The name its contacts are kept under.
    source: Mapped[str] = mapped_column(String)
    file_name: Mapped[str] = mapped_column(String)
    #: [{"name", "stored", "list_state"}]: a file, or each file of an archive; `stored` is "" once purged.
    parts: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue, default=list)
    headers: Mapped[list[str]] = mapped_column(JsonValue, default=list)
    #: column → field; "" keeps it as an attribute, "-" leaves it out.
    mapping: Mapped[dict[str, str]] = mapped_column(JsonValue, default=dict)
    #: region, timezone, currency, date_order, decimal.
    options: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    #: {"cells": {"part:line": {column: text}}, "values": {column: {written: meant}}}
    fixes: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    status: Mapped[str] = mapped_column(String, default="uploaded")
    #: Rows read so far in the present status, of so many in the whole file (0: not counted yet).
    position: Mapped[int] = mapped_column(default=0)
    rows: Mapped[int] = mapped_column(default=0)
    #: Counted by a dry run: {"created", "updated", "unchanged", "refused", "alike", …, "examples": {…}}
    preview: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    #: The same of what was done, and of what was taken back: {"removed", "restored", "left", "refusals_kept"}.
    counts: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    undone: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    #: The moment its rows count as heard: one for the whole run, so that whatever carries it is the run's.
    stated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String)
    #: The colleague who uploaded it; None: a command, a watched folder, or an import older than this column.
    created_by_id: Mapped[int | None] = mapped_column(BigId)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Until then it can be taken back; then the file, its rows' problems and what was before are dropped.
    revertible_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reverted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reverted_by: Mapped[str] = mapped_column(String, default="")
    failure: Mapped[str] = mapped_column(String, default="")
    #: Who carries it on ("": the worker may), and when they did last: one at a time.
    driver: Mapped[str] = mapped_column(String, default="")
    driven_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Change(Base):
    """What a run did to a contact, and what that contact was before. Dropped when it can no longer be taken back."""

    __tablename__ = "imports_change"
    __table_args__ = (Index(None, "contact_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("imports_run.id"), primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    #: The row's line in its file, and which part of an archive that is.
    part: Mapped[int] = mapped_column(default=0)
    line_no: Mapped[int] = mapped_column(default=0)
    #: created, updated, unchanged
    kind: Mapped[str] = mapped_column(String)
    #: See identity.layers; None for a new contact.
    before: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    #: Ids of the consent statements it added.
    statements: Mapped[list[int]] = mapped_column(JsonValue, default=list)
    #: Why it was not, or not wholly, taken back.
    left: Mapped[str] = mapped_column(String, default="")


class Issue(Base):
    """What is wrong with a row: left out as a whole (no column), or a cell that cannot be used."""

    __tablename__ = "imports_issue"
    __table_args__ = (Index(None, "run_id", "part", "line_no"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("imports_run.id"))
    part: Mapped[int] = mapped_column(default=0)
    line_no: Mapped[int] = mapped_column()
    #: The column at fault; "": the row was left out.
    header: Mapped[str] = mapped_column(String, default="")
    reason: Mapped[str] = mapped_column(String)
    #: The row's cells as in the file.
    cells: Mapped[list[str]] = mapped_column(JsonValue, default=list)
