"""Rows of a customer list → contacts, consents and tags: what they would do, and doing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from crm360.consents import operations as consents
from crm360.facts import ConsentStated, ContactRef, ContactSeen, Received, TagsStated
from crm360.flows import burying
from crm360.flows.import_files import IGNORED, Read, raw_cells
from crm360.flows.plain_rows import PlainRows
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


class New(NamedTuple):
    """A new contact of which one plain row speaks."""

    contact: adding.Finished
    terms: set[search_terms.Term]
    read: Read


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
    at = run.stated_at or now
    erased = _of_erased(run, rows, at)
    rows = [read for read in rows if read not in erased]
    plain, told = _parted(run, rows, at)
    counts, refused = _stored(run, plain, told, rows, now)
    imports.add_issues(run_id=run.id, issues=[_unsaid(each) for each in erased])
    counts["refused"] += len(erased)
    imports.add_issues(run_id=run.id, issues=[_issue(run, each) for each in refused])
    counts["refused"] += len(refused)
    counts["repeated"] += len(rows) - len(refused) - sum(counts[kind] for kind in ("created", "updated", "unchanged"))
    return counts


def _of_erased(run: Run, rows: Sequence[Read], at: datetime) -> list[Read]:
    """Rows that would bring somebody erased back."""
    if not burying.anybody():
        return []
    told = Interpreter(run, at=at).tell(rows)
    of_row: dict[tuple[int, int], tuple[Read, list[Any]]] = {}
    every: list[ContactSeen | ConsentStated | TagsStated] = [*told.seen, *told.consents, *told.tags]
    for fact in every:
        if (read := told.lines.get(fact.ref)) is not None:
            of_row.setdefault((read.part, read.line_no), (read, []))[1].append(fact)
    gone = burying.gone([burying.Told(each, region_of(run)) for _, each in of_row.values()])
    return [read for (read, _), refs in zip(of_row.values(), gone, strict=True) if refs]


def _unsaid(read: Read) -> Json:
    """A row left out of which nothing may be kept."""
    return {"part": read.part, "line_no": read.line_no, "header": "", "reason": burying.WHY, "cells": []}


def _parted(run: Run, rows: Sequence[Read], at: datetime) -> tuple[dict[str, New], Told]:
    """New contacts of which one row speaks that needs no interpretation, by external id; and what all other rows say."""
    interpreter = Interpreter(run, at=at)
    reader = _plain_rows(run.source, region_of(run), at, tuple(interpreter.fields.items()), tuple(interpreter.kept))
    plain: dict[str, New] = {}
    twice: set[str] = set()
    others: list[Read] = []
    listed = [bool(part["list_state"]) for part in run.parts]
    for read in rows:
        found = None if read.cells is None or listed[read.part] or not reader.usable else reader.read(read.cells)
        if found is None:
            others.append(read)
        elif (name := found.contact.external_id) in plain:
            twice.add(name)
        else:
            plain[name] = New(found.contact, found.terms, read)
    twice |= adding.known(run.source, plain)
    told = interpreter.tell(others)
    twice |= {ref.external_id for ref in told.lines if ref.external_id in plain}
    if twice:
        plain = {name: each for name, each in plain.items() if name not in twice}
        left = {id(each.read) for each in plain.values()}
        told = interpreter.tell([read for read in rows if id(read) not in left])
    return plain, told


@lru_cache(maxsize=1)
def _plain_rows(
    source: str, region: str, at: datetime, fields: tuple[tuple[str, str], ...], kept: tuple[str, ...]
) -> PlainRows:
    """The same reader for every step of a run: it remembers names and towns."""
    return PlainRows(source=source, region=region, at=at, fields=dict(fields), kept=kept)


def region_of(run: Run) -> str:
    """How the list writes national phone numbers, ISO alpha-2."""
    return str(run.options.get("region") or "PL")


def _stored(
    run: Run, plain: Mapping[str, New], told: Told, rows: Sequence[Read], now: datetime
) -> tuple[Counter[str], list[Refused]]:
    if not told.seen and not plain:
        return Counter(), told.refused
    try:
        with db.session.begin_nested():
            return _written(run, plain, told, now), told.refused
    except _CONTENT_FAULTS as error:
        if isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError):
            raise
        good = [read for read in rows if read.cells is not None]
        refused = [Refused(read, read.reason) for read in rows if read.cells is None]
        if len(good) == 1:
            reason = f"Its content cannot be stored ({type(error).__name__})."
            return Counter(), [*refused, Refused(good[0], reason)]
    counts: Counter[str] = Counter()
    for half in (good[: len(good) // 2], good[len(good) // 2 :]):
        some = Interpreter(run, at=run.stated_at or now).tell(half)
        counted, left_out = _stored(run, {}, some, half, now)
        counts.update(counted)
        refused += left_out
    return counts, refused


def _written(run: Run, plain: Mapping[str, New], told: Told, now: datetime) -> Counter[str]:
    planned = loading.plan(seen=told.seen, tags=told.tags, regions={run.source: region_of(run)})
    changes = loading.load(planned=planned, now=now)
    received = [Received(changes[fact.ref].contact_id, None, fact, region_of(run)) for fact in told.consents]
    added = consents.add_statements(received=received, now=now)
    _remember(run, told, changes, added)
    terms = {each.contact_id: _terms(each) for each in changes.values() if each.kind != "unchanged"}
    waiting_index.put(terms | _added(run, plain, now))
    counts: Counter[str] = Counter(change.kind for change in changes.values())
    counts["created"] += len(plain)
    counts["consents"] += len(added)
    return counts


def _added(run: Run, plain: Mapping[str, New], now: datetime) -> dict[int, set[search_terms.Term]]:
    """Insert new contacts; contact → the terms it is looked for by."""
    if not plain:
        return {}
    new = [plain[name] for name in sorted(plain)]
    ids = adding.add(source=run.source, new=[each.contact for each in new], at=run.stated_at or now, now=now)
    lines = [(contact, each.read.part, each.read.line_no) for contact, each in zip(ids, new, strict=True)]
    imports.add_created(run_id=run.id, lines=lines)
    return {contact: each.terms for contact, each in zip(ids, new, strict=True)}


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
