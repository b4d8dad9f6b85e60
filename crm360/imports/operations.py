"""What may be done to imports: begun, planned, started, paused, carried on, taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from crm360.imports.models import Change, Issue, Run
from crm360.imports.queries import get
from crm360.kernel import bulk
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Conflict

REVERTIBLE_FOR = timedelta(days=30)
#: What may follow what.
_NEXT: dict[str, tuple[str, ...]] = {
    "uploaded": ("checking", "running", "discarded"),
    "checking": ("checked", "failed", "discarded"),
    "checked": ("checking", "running", "discarded"),
    "running": ("paused", "resolving", "failed"),
    "paused": ("running", "reverting"),
    "resolving": ("done",),
    "done": ("reverting",),
    "failed": ("checking", "running", "reverting", "discarded"),
    "reverting": ("reverted",),
    "reverted": (),
    "discarded": (),
}


class CannotDo(Conflict):
    """The import is in no state for this."""


def begin(
    *,
    source: str,
    file_name: str,
    parts: Sequence[Mapping[str, Any]],
    headers: Sequence[str],
    mapping: Mapping[str, str],
    options: Mapping[str, Any],
    by: str,
    by_id: int | None = None,
    now: datetime,
) -> Run:
    """A new import, uploaded and not yet run."""
    run = Run(
        source=source, file_name=file_name, parts=[dict(part) for part in parts], headers=list(headers),
        mapping=dict(mapping), options=dict(options), status="uploaded", created_at=now, created_by=by,
        created_by_id=by_id,
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    return run


def move(*, run_id: int, status: str, now: datetime) -> Run:
    """Let an import go on to another state. Raises NoSuchRun, CannotDo."""
    run = get(run_id)
    if status not in _NEXT[run.status]:
        raise CannotDo(f"This import is {run.status}; it cannot become {status}.")
    if status == "running" and (run.status in ("uploaded", "checked") or run.stated_at is None):
        _start(run, now)
    if status in ("checking", "reverting"):
        run.position, run.failure = 0, ""
    if status == "checking":
        drop_issues(run_id=run_id)
    if status == "reverting" and run.revertible_until is not None and run.revertible_until < now:
        raise CannotDo("It is too late to take this import back.")
    if status == "done":
        run.finished_at, run.position = now, run.rows
    if status == "resolving":
        run.rows = run.position
    run.status = status
    db.session.flush()
    return run


def _start(run: Run, now: datetime) -> None:
    """Rows carry the run's own moment; no two runs share one."""
    last = db.session.scalar(select(func.max(Run.stated_at)))
    run.stated_at = max(now, last + timedelta(microseconds=1)) if last else now
    run.revertible_until = now + REVERTIBLE_FOR
    run.position, run.counts, run.failure = 0, {}, ""
    drop_issues(run_id=run.id)


def set_plan(*, run_id: int, mapping: Mapping[str, str], options: Mapping[str, Any], source: str | None = None) -> Run:
    """Another reading of the file. Raises NoSuchRun, CannotDo."""
    run = get(run_id)
    if run.status not in ("uploaded", "checked", "failed"):
        raise CannotDo(f"This import is {run.status}; its columns stand.")
    run.mapping, run.options, run.source = dict(mapping), {**run.options, **options}, source or run.source
    db.session.flush()
    return run


def fix(*, run_id: int, cells: Mapping[str, Mapping[str, str]], values: Mapping[str, Mapping[str, str]]) -> Run:
    """What cells should have said: of single rows ("part:line"), or wherever a column has a certain text."""
    run = get(run_id)
    if run.status not in ("checked", "uploaded", "failed"):
        raise CannotDo(f"This import is {run.status}; its rows stand.")
    fixes = {"cells": dict(run.fixes.get("cells", {})), "values": dict(run.fixes.get("values", {}))}
    for kind, given in (("cells", cells), ("values", values)):
        for key, change in given.items():
            fixes[kind][key] = {**fixes[kind].get(key, {}), **change}
    run.fixes = fixes
    db.session.flush()
    return run


def begin_anew(*, run_id: int, why: str) -> Run:
    """Its file is no longer what it was: what was read of it, found in it and put right line by line counts no more. Rows
    taken in before stay and change nothing when they come again."""
    run = get(run_id)
    if run.status in ("resolving", "reverting"):  # these read no file any more
        return run
    run.status, run.failure, run.position, run.counts = "failed", why, 0, {}
    run.fixes = {**run.fixes, "cells": {}}
    drop_issues(run_id=run_id)
    db.session.flush()
    return run


def add_issues(*, run_id: int, issues: Sequence[Mapping[str, Any]]) -> None:
    """Keep what is wrong with some rows: part, line_no, header, reason, cells."""
    bulk.insert_rows(db.session, table_of(Issue), [{"run_id": run_id, **issue} for issue in issues])


def drop_issues(*, run_id: int) -> None:
    """Forget what was wrong: it is looked at anew."""
    db.session.execute(delete(Issue).where(Issue.run_id == run_id))


def add_changes(*, run_id: int, changes: Iterable[Mapping[str, Any]]) -> None:
    """Keep what was done to contacts; one of this run that is there already is overwritten."""
    rows = [{"run_id": run_id, "left": "", **change} for change in changes]
    bulk.insert_rows(db.session, table_of(Change), rows, on_conflict="overwrite", keys=["run_id", "contact_id"])


def add_created(*, run_id: int, contacts: Sequence[int], parts: Sequence[int], lines: Sequence[int]) -> None:
    """Keep which contacts a run created, and from which lines of which parts; none of them is kept yet."""
    same = {"run_id": run_id, "kind": "created", "before": None, "statements": [], "left": ""}
    found = {"contact_id": contacts, "part": parts, "line_no": lines}
    bulk.insert_columns(db.session, table_of(Change), found, same)


def drop_changes(*, run_id: int, contact_ids: Sequence[int]) -> None:
    """These have been taken back."""
    if contact_ids:
        db.session.execute(delete(Change).where(Change.run_id == run_id, Change.contact_id.in_(contact_ids)))


def purge(*, run_id: int) -> list[str]:
    """Forget all that only taking back would need; returns the names of stored files to remove."""
    run = get(run_id)
    stored = [part["stored"] for part in run.parts if part["stored"]]
    run.parts = [{**part, "stored": ""} for part in run.parts]
    run.fixes, run.preview = {}, {name: value for name, value in run.preview.items() if name != "examples"}
    drop_issues(run_id=run_id)
    db.session.execute(delete(Change).where(Change.run_id == run_id))
    return stored
