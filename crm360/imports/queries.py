"""Questions about imports. Nothing here writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from crm360.imports.models import Change, Issue, Run
from crm360.kernel.db import db, table_of
from crm360.kernel.dialects import Among
from crm360.kernel.errors import NotFound

#: What the worker carries on with.
ACTIVE = ("checking", "running", "resolving", "reverting")
#: Whoever carried an import on and has not for so long was killed.
DRIVER_GONE = timedelta(seconds=60)

_OF_CONTACTS = select(Change).where(Among(Change.contact_id)).order_by(Change.run_id)


class NoSuchRun(NotFound):
    """There is no import of this number."""

    def __init__(self, run_id: int) -> None:
        super().__init__(f"There is no import {run_id}.")


def get(run_id: int) -> Run:
    """An import. Raises NoSuchRun."""
    run = db.session.get(Run, run_id, populate_existing=True)
    if run is None:
        raise NoSuchRun(run_id)
    return run


def latest(*, before: int | None = None, limit: int = 50) -> list[Run]:
    """Imports, the latest first."""
    query = select(Run).order_by(Run.id.desc()).limit(limit)
    return list(db.session.scalars(query if before is None else query.where(Run.id < before)))


def locked(run_id: int) -> Run:
    """An import nobody else can step on until the transaction ends. Raises NoSuchRun."""
    run = db.session.get(Run, run_id, populate_existing=True, with_for_update=True)
    if run is None:
        raise NoSuchRun(run_id)
    return run


def next_active(*, now: datetime) -> int | None:
    """The oldest import to carry on with that nobody else does."""
    free = or_(Run.driver == "", Run.driven_at.is_(None), Run.driven_at < now - DRIVER_GONE)
    return db.session.scalar(select(Run.id).where(Run.status.in_(ACTIVE), free).order_by(Run.id).limit(1))


def expired(now: datetime) -> list[Run]:
    """Imports that can no longer be taken back and still keep what that would need."""
    query = select(Run).where(Run.revertible_until < now, Run.status.not_in(ACTIVE)).order_by(Run.id)
    return [run for run in db.session.scalars(query) if any(part["stored"] for part in run.parts)]


def changes(run_id: int, *, limit: int) -> list[Change]:
    """What a run changed and was not taken back or left yet, the last written first."""
    query = select(Change).where(Change.run_id == run_id, Change.left == "").order_by(Change.contact_id.desc())
    return list(db.session.scalars(query.limit(limit)))


def statements(run_id: int, *, after: int, limit: int) -> tuple[list[int], int]:
    """Ids of statements a run added to some contacts after this one, in the order of contacts; and the last contact, 0 at the
    end.
    """
    query = select(Change.contact_id, Change.statements).where(Change.run_id == run_id, Change.contact_id > after)
    rows = list(db.session.execute(query.order_by(Change.contact_id).limit(limit)))
    return [number for _, added in rows for number in added], rows[-1][0] if len(rows) == limit else 0


def later_changes(run: Run, contact_ids: Collection[int]) -> dict[int, list[Change]]:
    """What imports that ran after this one changed of these contacts, the earliest first."""
    found: dict[int, list[Change]] = {}
    query = _OF_CONTACTS.join(Run, Run.id == Change.run_id).where(Run.stated_at > run.stated_at)
    for change in db.session.scalars(query.order_by(None).order_by(Run.stated_at), {"values": list(contact_ids)}):
        found.setdefault(change.contact_id, []).append(change)
    return found


def changed_already(run_id: int, contact_ids: Collection[int]) -> dict[int, Change]:
    """What this run changed of these contacts already: a list may name somebody twice."""
    if not contact_ids:
        return {}
    query = _OF_CONTACTS.where(Change.run_id == run_id)
    return {change.contact_id: change for change in db.session.scalars(query, {"values": list(contact_ids)})}


def left(run_id: int, *, limit: int = 200) -> list[Change]:
    """Rows that were not wholly taken back, with why."""
    query = select(Change).where(Change.run_id == run_id, Change.left != "").order_by(Change.contact_id)
    return list(db.session.scalars(query.limit(limit)))


def examples(run_id: int, kind: str, *, limit: int = 20) -> list[Change]:
    """Some of the contacts a run created, updated or found unchanged."""
    query = select(Change).where(Change.run_id == run_id, Change.kind == kind).order_by(Change.contact_id)
    return list(db.session.scalars(query.limit(limit)))


def issues(run_id: int, *, after: int = 0, limit: int = 1000, whole_rows: bool = False) -> list[Issue]:
    """Problems of a run's rows in their order; `after`: the id of the last one seen."""
    query = select(Issue).where(Issue.run_id == run_id, Issue.id > after).order_by(Issue.id).limit(limit)
    return list(db.session.scalars(query.where(Issue.header == "") if whole_rows else query))


def count_issues(run_id: int) -> dict[str, int]:
    """How many problems there are by column, "" being rows left out."""
    query = select(Issue.header, func.count()).where(Issue.run_id == run_id).group_by(Issue.header)
    return {row[0]: row[1] for row in db.session.execute(query)}


def problem_lines(run_id: int, *, offset: int, limit: int) -> Sequence[tuple[int, int]]:
    """(part, line) of rows with problems, in the file's order."""
    columns = table_of(Issue).c
    query = select(columns.part, columns.line_no).where(columns.run_id == run_id).distinct()
    return [(part, line) for part, line in db.session.execute(
        query.order_by(columns.part, columns.line_no).offset(offset).limit(limit)
    )]  # fmt: skip


def issues_at(run_id: int, lines: Sequence[tuple[int, int]]) -> list[Issue]:
    """The problems of some rows."""
    if not lines:
        return []
    wanted = set(lines)
    query = select(Issue).where(Issue.run_id == run_id, Issue.line_no.in_({line for _, line in lines}))
    return [each for each in db.session.scalars(query.order_by(Issue.id)) if (each.part, each.line_no) in wanted]
