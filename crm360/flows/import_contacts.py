"""Rows of a customer list → contacts, consents and tags: what they would do, and doing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from crm360.consents import operations as consents
from crm360.facts import ConsentStated, ContactRef, ContactSeen, Received, TagsStated
from crm360.flows import burying, ready_rows
from crm360.flows.import_files import IGNORED, Read, raw_cells
from crm360.flows.plain_rows import PlainRows
from crm360.flows.ready_rows import Batch, Question, Ready
from crm360.identity import adding, layers, loading
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


class StepRefused(Exception):
    """The database refuses something in a bold step: to be taken back whole, and done again carefully."""


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


def store(run: Run, batch: Batch, *, now: datetime, bold: bool = False) -> Counter[str]:
    """Write what rows say, and what was before, within the caller's transaction; counts what became of them.

    Rows the database refuses are found by halving and left out with the others that cannot be read. `bold`: without the
    savepoint that takes, and StepRefused in their place. Of a page changed after a savepoint SQLite keeps in memory what it
    was, and among a million contacts twenty thousand new ones change most pages of an index.
    """
    at = run.stated_at or now
    batch, erased = _without_erased(run, batch, at)
    ready, told = _parted(run, batch, at)
    counts, refused = _stored(run, ready, told, batch, now, bold=bold)
    imports.add_issues(run_id=run.id, issues=[_unsaid(each) for each in erased])
    counts["refused"] += len(erased)
    imports.add_issues(run_id=run.id, issues=[_issue(run, each) for each in refused])
    counts["refused"] += len(refused)
    taken = len(batch.ready.row) + len(batch.others)
    counts["repeated"] += taken - len(refused) - sum(counts[kind] for kind in ("created", "updated", "unchanged"))
    return counts


def finished(run: Run, rows: Sequence[Read], *, now: datetime) -> Batch:
    """Rows of a run as `store` takes them."""
    asked = question(run, now=now)
    return ready_rows.finish(rows, _reader(msgspec.json.encode(asked)), asked.listed)


@lru_cache(maxsize=1)
def _reader(question: bytes) -> PlainRows:
    """The same reader for every step of a run: it remembers names and towns."""
    return msgspec.json.decode(question, type=Question).reader()


def question(run: Run, *, now: datetime) -> Question:
    """How the rows of a run are finished."""
    interpreter = Interpreter(run, at=now)
    return Question(
        source=run.source, region=region_of(run), at=run.stated_at or now, fields=interpreter.fields,
        kept=interpreter.kept, listed=[bool(part["list_state"]) for part in run.parts],
    )  # fmt: skip


def _without_erased(run: Run, batch: Batch, at: datetime) -> tuple[Batch, list[Read]]:
    """Rows without those that would bring somebody erased back, and these."""
    if not burying.anybody():
        return batch, []
    ready, record = batch.ready, f"record {run.source}"
    pairs = [(record, name) for name in ready.external_id]
    held = list(zip(ready.held_kind, ready.held_normal, strict=True))
    dead = burying.dead_among([*pairs, *held])
    gone = {name for pair, name in zip(pairs, ready.external_id, strict=True) if pair in dead}
    gone |= {ready.external_id[owner] for pair, owner in zip(held, ready.held_owner, strict=True) if pair in dead}
    rows_gone = {row for name, row in zip(ready.external_id, ready.row, strict=True) if name in gone}
    interpreter = Interpreter(run, at=at)
    told = [interpreter.tell([batch.rows[place]]) for place in batch.others]
    facts = [burying.Told([*each.seen, *each.consents, *each.tags], region_of(run)) for each in told]
    rows_gone |= {place for place, refs in zip(batch.others, burying.gone(facts), strict=True) if refs}
    others = [place for place in batch.others if place not in rows_gone]
    return Batch(batch.rows, ready.without(gone), others), [batch.rows[place] for place in sorted(rows_gone)]


def _unsaid(read: Read) -> Json:
    """A row left out of which nothing may be kept."""
    return {"part": read.part, "line_no": read.line_no, "header": "", "reason": burying.WHY, "cells": []}


def _parted(run: Run, batch: Batch, at: datetime) -> tuple[Ready, Told]:
    """The finished rows whose contacts are new, and what all others say."""
    interpreter, ready = Interpreter(run, at=at), batch.ready
    told = interpreter.tell([batch.rows[place] for place in batch.others])
    there = adding.known(run.source, ready.external_id)
    if told.lines:
        there |= {ref.external_id for ref in told.lines}.intersection(ready.external_id)
    if not there:
        return ready, told
    again = [row for name, row in zip(ready.external_id, ready.row, strict=True) if name in there]
    return ready.without(there), interpreter.tell([batch.rows[place] for place in sorted([*batch.others, *again])])


def region_of(run: Run) -> str:
    """How the list writes national phone numbers, ISO alpha-2."""
    return str(run.options.get("region") or "PL")


def _stored(
    run: Run, ready: Ready, told: Told, batch: Batch, now: datetime, *, bold: bool = False
) -> tuple[Counter[str], list[Refused]]:
    if not told.seen and not ready.row:
        return Counter(), told.refused
    try:
        with nullcontext() if bold else db.session.begin_nested():
            return _written(run, ready, told, now), told.refused
    except _CONTENT_FAULTS as error:
        if isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError):
            raise
        if bold:
            raise StepRefused from error
        rows = [batch.rows[place] for place in sorted([*batch.ready.row, *batch.others])]
        good = [read for read in rows if read.cells is not None]
        refused = [Refused(read, read.reason) for read in rows if read.cells is None]
        if len(good) == 1:
            reason = f"Its content cannot be stored ({type(error).__name__})."
            return Counter(), [*refused, Refused(good[0], reason)]
    counts: Counter[str] = Counter()
    for half in (good[: len(good) // 2], good[len(good) // 2 :]):
        some = Interpreter(run, at=run.stated_at or now).tell(half)
        counted, left_out = _stored(run, Ready(), some, Batch(half, Ready(), list(range(len(half)))), now)
        counts.update(counted)
        refused += left_out
    return counts, refused


def _written(run: Run, ready: Ready, told: Told, now: datetime) -> Counter[str]:
    planned = loading.plan(seen=told.seen, tags=told.tags, regions={run.source: region_of(run)})
    changes = loading.load(planned=planned, now=now)
    received = [Received(changes[fact.ref].contact_id, None, fact, region_of(run)) for fact in told.consents]
    added = consents.add_statements(received=received, now=now)
    _remember(run, told, changes, added)
    terms = {each.contact_id: _terms(each) for each in changes.values() if each.kind != "unchanged"}
    waiting_index.put(terms, _added(run, ready, now))
    counts: Counter[str] = Counter(change.kind for change in changes.values())
    counts["created"] += len(ready.row)
    counts["consents"] += len(added)
    return counts


def _added(run: Run, ready: Ready, now: datetime) -> waiting_index.Sorted:
    """Insert new contacts; the terms they are looked for by."""
    if not ready.row:
        return waiting_index.Sorted([], [], [])
    ids = adding.add(
        source=run.source, at=run.stated_at or now, now=now,
        contacts=adding.Columns(ready.external_id, ready.fields, ready.attributes, ready.compared),
        held=adding.Held(ready.held_kind, ready.held_normal, ready.held_value, ready.held_owner),
    )  # fmt: skip
    imports.add_created(run_id=run.id, contacts=ids, parts=ready.part, lines=ready.line_no)
    return waiting_index.Sorted(ready.term, ready.term_kind, [ids[owner] for owner in ready.term_owner])


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
