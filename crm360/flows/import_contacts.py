"""Rows of a customer list → contacts, consents and tags: what they would do, and doing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from crm360.consents import operations as consents
from crm360.facts import ConsentStated, ContactRef, ContactSeen, Received, TagsStated
from crm360.flows.import_files import IGNORED, Read, raw_cells
from crm360.identity import layers, loading
from crm360.imports import operations as imports
from crm360.imports import queries
from crm360.imports.models import Run
from crm360.kernel.db import db
from crm360.profiles import search_terms, waiting_index
from crm360.sources import columns, contacts_csv
from crm360.sources.base import Unreadable
from crm360.sources.contacts_csv import Reading

Json = dict[str, Any]
_CONTENT_FAULTS = (DataError, IntegrityError, StatementError, ValueError)


class Refused(NamedTuple):
    """A row left out, and why."""

    read: Read
    reason: str


class Told(NamedTuple):
    """Rows and what they say; `lines`: contact → the first row that speaks of it."""

    seen: list[ContactSeen]
    tags: list[TagsStated]
    consents: list[ConsentStated]
    lines: dict[ContactRef, Read]
    refused: list[Refused]


class Interpreter:
    """Reads rows by the plan of a run."""

    def __init__(self, run: Run, *, at: datetime) -> None:
        self.fields = {header: field for header, field in run.mapping.items() if field not in ("", IGNORED)}
        skipped = {header for header, field in run.mapping.items() if field == IGNORED}
        self.kept = [header for header in run.headers if header not in self.fields and header not in skipped]
        states = [part["list_state"] for part in run.parts]
        self.readings = [
            Reading(run.source, at, run.options | ({"list_state": state} if state else {})) for state in states
        ]

    def mapped(self, cells: Mapping[str, str]) -> dict[str, str]:
        """A row by field."""
        return columns.mapped(cells, self.fields)

    def tell(self, rows: Sequence[Read]) -> Told:
        """What rows say; those that cannot be read with their reasons."""
        told = Told([], [], [], {}, [])
        for read in rows:
            if read.cells is None:
                told.refused.append(Refused(read, read.reason))
                continue
            cells = read.cells
            attributes = {header: cell for header in self.kept if (cell := cells.get(header, ""))}
            try:
                facts = contacts_csv.facts_of(self.mapped(cells), attributes, self.readings[read.part])
            except Unreadable as error:
                told.refused.append(Refused(read, str(error)))
                continue
            for fact in facts:
                if isinstance(fact, ContactSeen):
                    told.seen.append(fact)
                    told.lines.setdefault(fact.ref, read)
                elif isinstance(fact, TagsStated):
                    told.tags.append(fact)
                elif isinstance(fact, ConsentStated):
                    told.consents.append(fact)
        return told


def store(run: Run, rows: Sequence[Read], *, now: datetime) -> Counter[str]:
    """Write what rows say, and what was before, within the caller's transaction; counts what became of them.

    Rows the database refuses are found by halving and left out with the others that cannot be read.
    """
    told = Interpreter(run, at=run.stated_at or now).tell(rows)
    counts, refused = _stored(run, told, rows, now)
    refused = [*told.refused, *refused]
    imports.add_issues(run_id=run.id, issues=[_issue(run, each) for each in refused])
    counts["refused"] += len(refused)
    counts["repeated"] += len(rows) - len(refused) - sum(counts[kind] for kind in ("created", "updated", "unchanged"))
    return counts


def _stored(run: Run, told: Told, rows: Sequence[Read], now: datetime) -> tuple[Counter[str], list[Refused]]:
    if not told.seen:
        return Counter(), []
    try:
        with db.session.begin_nested():
            return _written(run, told, now), []
    except _CONTENT_FAULTS as error:
        if isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError):
            raise
        good = [read for read in rows if read.cells is not None]
        if len(good) == 1:
            return Counter(), [Refused(good[0], f"Its content cannot be stored ({type(error).__name__}).")]
    counts: Counter[str] = Counter()
    refused: list[Refused] = []
    for half in (good[: len(good) // 2], good[len(good) // 2 :]):
        some = Interpreter(run, at=run.stated_at or now).tell(half)
        counted, left_out = _stored(run, some, half, now)
        counts.update(counted)
        refused += left_out
    return counts, refused


def _written(run: Run, told: Told, now: datetime) -> Counter[str]:
    region = str(run.options.get("region") or "PL")
    planned = loading.plan(seen=told.seen, tags=told.tags, regions={run.source: region})
    changes = loading.load(planned=planned, now=now)
    received = [Received(changes[fact.ref].contact_id, None, fact, region) for fact in told.consents]
    added = consents.add_statements(received=received, now=now)
    _remember(run, told, changes, added)
    waiting_index.put({each.contact_id: _terms(each) for each in changes.values() if each.kind != "unchanged"})
    counts: Counter[str] = Counter(change.kind for change in changes.values())
    counts["consents"] += len(added)
    return counts


def _terms(change: loading.Change) -> set[search_terms.Term]:
    held = ((kind, each.value, normal) for (kind, normal), each in change.state.identifiers.items())
    return search_terms.first_of_contact(change.state.fields, held)


def _remember(
    run: Run, told: Told, changes: Mapping[ContactRef, loading.Change], added: Sequence[consents.Added]
) -> None:
    statements: dict[int, list[int]] = {}
    for each in added:
        statements.setdefault(each.contact_id, []).append(each.statement_id)
    there = [change.contact_id for change in changes.values() if change.kind != "created"]
    earlier = queries.changed_already(run.id, there)
    rows = []
    for ref, (contact_id, kind, before, _) in changes.items():
        read = told.lines[ref]
        row: Json = {"contact_id": contact_id, "part": read.part, "line_no": read.line_no, "kind": kind,
                     "before": before, "statements": statements.get(contact_id, [])}  # fmt: skip
        if first := earlier.get(contact_id):
            kinds = (first.kind, kind)
            row |= {"part": first.part, "line_no": first.line_no, "before": layers.merged(first.before, before),
                    "kind": next(each for each in ("created", "updated", "unchanged") if each in kinds),
                    "statements": [*first.statements, *row["statements"]]}  # fmt: skip
        rows.append(row)
    imports.add_changes(run_id=run.id, changes=rows)


def _issue(run: Run, refused: Refused) -> Json:
    read = refused.read
    cells = raw_cells(read, run.headers)
    return {"part": read.part, "line_no": read.line_no, "header": "", "reason": refused.reason, "cells": cells}
