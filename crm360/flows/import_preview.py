"""The dry run: what an import would do, counted, with examples of each number, and every cell that cannot be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from crm360.consents import operations as consents
from crm360.facts import ConsentStated, ContactRef, Received
from crm360.flows.import_contacts import Interpreter, Told
from crm360.flows.import_files import Read, raw_cells
from crm360.identity import loading, probing
from crm360.identity.folding import State
from crm360.imports import operations as imports
from crm360.imports.models import Run
from crm360.sources import contacts_problems

EXAMPLES = 20
#: So many new customers are held against the whole base; of a larger file the others are not looked at.
MOST_PROBED = 300
#: So many problems are kept for the repair; the others are counted.
MOST_PROBLEMS = 2_000
ALIKE = ("joins", "alike")
CONSENTS = ("consents_proven", "consents_claimed", "consents_refused")
NUMBERS = ("created", "updated", "unchanged", "refused", *ALIKE, *CONSENTS)


def add(run: Run, rows: Sequence[Read], *, now: datetime) -> None:
    """Count a batch of rows into the run's preview. Writes nothing but that and the problems found."""
    counts = Counter({name: run.preview.get(name, 0) for name in (*NUMBERS, "probed", "problems", "rows")})
    examples: dict[str, list[Any]] = {name: list(run.preview.get("examples", {}).get(name, [])) for name in NUMBERS}
    interpreter = Interpreter(run, at=now)
    told = interpreter.tell(rows)
    region = str(run.options.get("region") or "PL")
    planned = loading.plan(seen=told.seen, tags=told.tags, regions={run.source: region})
    for ref, plan in sorted(planned.items(), key=lambda item: (told.lines[item[0]].part, told.lines[item[0]].line_no)):
        counts[plan.kind] += 1
        _example(examples[plan.kind], told.lines[ref], plan)
        if plan.kind == "created" and counts["probed"] < MOST_PROBED:
            counts["probed"] += 1
            _probe(ref, told, plan, region, counts, examples)
    _count_consents(told, region, now, counts, examples)
    _count_problems(run, interpreter, rows, told, counts, examples, today=now.date())
    counts["rows"] += len(rows)
    run.preview = {**counts, "examples": examples}


def _example(kept: list[Any], read: Read, plan: loading.Planned) -> None:
    if len(kept) >= EXAMPLES:
        return
    before = plan.kept.state if plan.kept else None
    changes = [
        [name, _was(before, name) if plan.kind == "updated" else "", entry["value"]]
        for name, entry in plan.state.fields.items()
        if plan.kind == "unchanged" or before is None or before.fields.get(name, {}).get("value") != entry["value"]
    ]
    added = [
        [kind, "", held.value]
        for (kind, normal), held in plan.state.identifiers.items()
        if plan.kind == "unchanged" or before is None or (kind, normal) not in before.identifiers
    ]
    kept.append({"line": read.line_no, "part": read.part, "changes": changes + added,
                 "contact": plan.kept.id if plan.kept else None})  # fmt: skip


def _was(before: State | None, name: str) -> str:
    return str(before.fields.get(name, {}).get("value", "")) if before else ""


def _probe(
    ref: ContactRef,
    told: Told,
    plan: loading.Planned,
    region: str,
    counts: Counter[str],
    examples: dict[str, list[Any]],
) -> None:
    seen = next(each for each in told.seen if each.ref == ref)
    found = probing.probe(fields=seen.fields, identifiers=seen.identifiers, region=region, limit=3).likely
    if not found or found[0].verdict == "apart":
        return
    name = "joins" if found[0].verdict == "join" else "alike"
    counts[name] += 1
    if len(examples[name]) < EXAMPLES:
        shown = [[field, "", value] for field, value in seen.fields.items()]
        examples[name].append({"line": told.lines[ref].line_no, "part": told.lines[ref].part, "changes": shown,
                               "profile": found[0].profile_id})  # fmt: skip


def _count_consents(
    told: Told, region: str, now: datetime, counts: Counter[str], examples: dict[str, list[Any]]
) -> None:
    new = consents.unheard([Received(None, None, fact, region) for fact in told.consents], now=now)
    by_ref: Mapping[tuple[str, str], ConsentStated] = {
        (fact.identifier.value, fact.channel): fact for fact in told.consents
    }
    for row in new.values():
        proven = row["state"] == "given" and row["evidence_grade"] in "ABC"
        name = "consents_proven" if proven else "consents_claimed" if row["state"] == "given" else "consents_refused"
        counts[name] += 1
        fact = by_ref.get((row["identifier_value"], row["channel"]))
        if fact is not None and len(examples[name]) < EXAMPLES:
            read = told.lines[fact.ref]
            said = [[row["channel"], row["state"], f"{row['identifier_value']} ({row['evidence_grade']})"]]
            examples[name].append({"line": read.line_no, "part": read.part, "changes": said})


def _count_problems(
    run: Run,
    interpreter: Interpreter,
    rows: Sequence[Read],
    told: Told,
    counts: Counter[str],
    examples: dict[str, list[Any]],
    *,
    today: date,
) -> None:
    issues = []
    for read, reason in told.refused:
        counts["refused"] += 1
        issues.append(_issue(run, read, "", reason))
        if len(examples["refused"]) < EXAMPLES:
            shown = [["", reason, " · ".join(cell for cell in raw_cells(read, run.headers)[:8] if cell)]]
            examples["refused"].append({"line": read.line_no, "part": read.part, "changes": shown})
    columns_of: dict[str, list[str]] = {}
    for header, field in interpreter.fields.items():
        columns_of.setdefault(field, []).append(header)
    for read in rows:
        if read.cells is not None:
            for field, reason in contacts_problems.problems(interpreter.mapped(read.cells), run.options, today=today):
                issues += [_issue(run, read, header, reason) for header in _at_fault(columns_of.get(field, [""]), read)]
    room = max(MOST_PROBLEMS - counts["problems"], 0)
    counts["problems"] += len(issues)
    imports.add_issues(run_id=run.id, issues=issues[:room])


def _at_fault(headers: Sequence[str], read: Read) -> list[str]:
    """The columns of a field that say something; one is enough to be put right."""
    return [header for header in headers if not header or (read.cells or {}).get(header, "").strip()][:1]


def _issue(run: Run, read: Read, header: str, reason: str) -> dict[str, Any]:
    return {
        "part": read.part,
        "line_no": read.line_no,
        "header": header,
        "reason": reason,
        "cells": raw_cells(read, run.headers),
    }
