"""`flask import contacts` and what may be done to an import afterwards: the wizard's engine at the command line."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

import click
from flask import current_app

from crm360.accounts import audit
from crm360.cli.door import operator, print_json, print_table, remark
from crm360.cli.imports import DRY_RUN, FILE, MAP, ORDER, SOURCE, group
from crm360.cli.progress import bars
from crm360.flows import import_files, import_runs
from crm360.flows.import_contacts import StepRefused
from crm360.flows.imports import Problem
from crm360.flows.left_out import ErrorFile
from crm360.imports import operations, queries
from crm360.imports.models import Run
from crm360.kernel import clock, collecting, dialects
from crm360.kernel.db import db

NUMBER = click.argument("number", type=int)
JSON = click.option("--json", "as_json", is_flag=True, help="Print data.")


@group.command("contacts")
@FILE
@SOURCE
@MAP
@ORDER
@DRY_RUN
@click.option("--later", is_flag=True, help="Leave who is who to the worker.")
def import_contacts(
    file: Path, source: str | None, overrides: tuple[str, ...], dry_run: bool, later: bool, **given: str
) -> None:
    """A customer or loyalty list: CSV, TSV, XLSX, vCard, or a zip of these; one row per customer."""
    collecting.seldom()
    now = clock.now()
    run = _begin(file, source or "contacts", overrides, given, now)
    if dry_run:
        _dry_run(run, file)
        return
    import_runs.start(run_id=run.id, now=now)
    details = {"file": file.name, "source": run.source, "import": run.id}
    audit.record(actor=operator(), action="file.imported", details=details, now=now)
    started = monotonic()
    _carry_on(run, until="resolving", done=lambda each: each.position)
    run = queries.get(run.id)
    _report(run, file, monotonic() - started)
    if not later:
        _resolve(run)
    if run.status in ("running", "resolving"):
        import_runs.drive_as(queries.get(run.id), "", now=clock.now())


@group.command("list")
@JSON
def list_imports(as_json: bool) -> None:
    """Imports of customer lists, the latest first."""
    runs = queries.latest()
    if as_json:
        print_json([_as_json(run) for run in runs])
        return
    rows = [
        (run.id, run.created_at, run.source, run.file_name, run.status, *_numbers(run), run.created_by) for run in runs
    ]
    headers = ("ID", "BEGUN", "SOURCE", "FILE", "STATUS", "CREATED", "UPDATED", "UNCHANGED", "LEFT OUT", "BY")
    print_table(headers, rows)


@group.command("revert")
@NUMBER
def revert_import(number: int) -> None:
    """Take an import back: as if it had never been. What was changed since stays and is listed."""
    now = clock.now()
    run = import_runs.revert(run_id=number, by=operator().name, now=now)
    audit.record(actor=operator(), action="import.reverted", details={"import": number, "source": run.source}, now=now)
    _carry_on(run, until="", done=lambda each: each.position)
    run = queries.get(number)
    counts = {name: run.undone.get(name, 0) for name in ("removed", "restored", "left", "refusals_kept")}
    click.echo(f"{counts['removed']} customers removed, {counts['restored']} restored, {counts['left']} left.")
    if counts["refusals_kept"]:
        remark(f"{counts['refusals_kept']} refusals and withdrawals stay: only the person can take one back.")
    for change in queries.left(number):
        remark(f"  line {change.line_no}: {change.left}")


@group.command("pause")
@NUMBER
def pause_import(number: int) -> None:
    """Let an import rest after the step it is at."""
    operations.move(run_id=number, status="paused", now=clock.now())


@group.command("resume")
@NUMBER
def resume_import(number: int) -> None:
    """Let an import that rests, or whose process was killed, go on here."""
    run = queries.get(number)
    if run.status not in queries.ACTIVE:
        run = operations.move(run_id=number, status="running", now=clock.now())
    started = monotonic()
    _carry_on(run, until="", done=lambda each: each.position)
    run = queries.get(number)
    click.echo(_sentence(run))
    remark(f"{monotonic() - started:.1f} s; the import is {run.status}.")


def _begin(file: Path, source: str, overrides: tuple[str, ...], given: dict[str, str], now: datetime) -> Run:
    settings = current_app.config["SETTINGS"]
    defaults = {"currency": settings.currency, "timezone": settings.timezone, "region": settings.phone_region}
    stated = {name: value for name, value in given.items() if value}
    run = import_runs.begin(
        file, name=file.name, source=source, folder=_folder(), defaults=defaults, by=operator().name,
        overrides=overrides, stated=stated, now=now,
    )  # fmt: skip
    if reason := import_runs.unusable(run.mapping):
        import_files.remove([part["stored"] for part in run.parts], _folder())
        there = ", ".join(run.headers[:30])
        raise import_files.UnusableFile(
            f"{file.name}: no column for email. {reason} Say which with --map COLUMN=FIELD; columns: {there}."
        )
    for header in run.headers:
        remark(f"  {header} → {run.mapping[header] or '(no field)'}")
    options = run.options
    remark(f"  encoding {options['encoding']}, delimiter {options['delimiter']!r}, dates {options['date_order']}")
    return run


def _folder() -> Path:
    folder: Path = current_app.config["SETTINGS"].instance_dir / import_runs.FOLDER
    return folder


def _dry_run(run: Run, file: Path) -> None:
    """Look through the file; nothing of it is kept but the report."""
    stored = [part["stored"] for part in run.parts]
    try:
        import_runs.check(run_id=run.id, now=clock.now())
        with import_runs.closing_driver(run.id, folder=_folder(), step=import_runs.LARGE_STEP) as driver:
            while driver.advance(now=clock.now()):
                db.session.flush()
        preview = run.preview
        could = preview["created"] + preview["updated"]
        refused = preview["refused"]
        rest = run.rows - could - refused
        click.echo(f"{run.rows} rows read: {could} could be imported, {rest} known already, {refused} rows left out.")
        for name in ("created", "updated", "joins", "alike", "consents_proven", "consents_claimed", "consents_refused"):
            remark(f"  {_WORDS[name]}: {preview[name]}")
        _write_errors(run, file)
    finally:
        db.session.rollback()
        import_files.remove(stored, _folder())


_WORDS = {
    "created": "new customers",
    "updated": "changed",
    "joins": "of the new, would join a customer we know",
    "alike": "of the new, look like a customer we know, for review",
    "consents_proven": "consents with evidence",
    "consents_claimed": "consents claimed without evidence, which permit nothing",
    "consents_refused": "refusals and withdrawals",
}


def _carry_on(run: Run, *, until: str, done: Callable[[Run], int]) -> None:
    """Drive a run here until it rests, or comes to a status."""
    name = f"cli-{os.getpid()}"
    import_runs.drive_as(run, name, now=clock.now())
    db.session.commit()
    with (
        bars() as progress,
        dialects.hasty(),  # the file is kept, and what a power cut takes of it is read again
        import_runs.closing_driver(run.id, folder=_folder(), step=import_runs.LARGE_STEP, name=name) as driver,
    ):
        task = progress.add_task(f"import {run.id}", total=None)
        active = True
        while active:
            try:
                active = driver.advance(now=clock.now())
            except StepRefused:
                db.session.rollback()
                continue
            here = queries.get(run.id)
            progress.update(task, completed=done(here), total=here.rows or None)
            active = active and here.status != until
            db.session.commit()
            db.session.expunge_all()
    run = queries.get(run.id)
    if run.status == "failed":
        raise import_files.UnusableFile(run.failure)
    import_runs.drive_as(run, "", now=clock.now())


def _resolve(run: Run) -> None:
    waiting = import_runs.remaining(run)
    started = monotonic()
    _carry_on(run, until="done", done=lambda each: each.position)
    if waiting:
        seconds = max(monotonic() - started, 0.001)
        remark(f"who is who: {waiting} contacts in {seconds:.1f} s, {waiting / seconds:.0f}/s")


def _report(run: Run, file: Path, seconds: float) -> None:
    click.echo(_sentence(run))
    remark(f"import {run.id}: {seconds:.1f} s, {run.rows / max(seconds, 0.001):.0f} rows/s")
    _write_errors(run, file)


def _sentence(run: Run) -> str:
    counts = import_runs.outcome(run)
    new, known = counts["created"] + counts["updated"], counts["unchanged"] + counts["repeated"]
    return f"{run.position} rows read: {new} imported, {known} known already, {counts['refused']} rows left out."


def _write_errors(run: Run, file: Path) -> None:
    errors, after = ErrorFile(file, tuple(run.headers)), 0
    while batch := queries.issues(run.id, after=after, whole_rows=True):
        errors.write(Problem(each.line_no, each.reason, each.cells) for each in batch)
        after = batch[-1].id
    if errors.rows:
        remark(f"The rows left out, with the reasons: {errors.path}")


def _numbers(run: Run) -> tuple[int, ...]:
    counts = import_runs.outcome(run)
    return counts["created"], counts["updated"], counts["unchanged"] + counts["repeated"], counts["refused"]


def _as_json(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "created_at": run.created_at,
        "source": run.source,
        "file": run.file_name,
        "status": run.status,
        "rows": run.rows,
        "by": run.created_by,
        "revertible_until": run.revertible_until,
        "counts": import_runs.outcome(run),
        "undone": run.undone,
    }
