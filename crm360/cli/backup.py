"""`flask backup`: made while everything runs, looked at, tried, and put back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import current_app

import config
from crm360.accounts import audit
from crm360.cli import backup_proof
from crm360.cli.door import Group, leave, operator, print_json, print_table, remark
from crm360.cli.processes import answers
from crm360.cli.progress import bars
from crm360.consents.ledger import signer_of
from crm360.jobs import proving
from crm360.kernel import clock, heartbeat, notes, schema
from crm360.kernel.db import db
from crm360.upkeep import folder, making, restoring
from crm360.upkeep.folder import Backup, Drill
from crm360.upkeep.making import Step

group = Group("backup", help="Copies of the database and of uploaded files, and proof that they can be put back.")
group.add_command(backup_proof.prove)

#: Name of a step → what the operator reads.
STEPS = {
    "copy": "copying the database", "pack": "packing", "read": "comparing hashes", "open": "opening the database",
    "unpack": "unpacking", "load": "loading", "check": "checking", "prove": "migrating, verifying, erasing again",
    "exchange": "exchanging the databases",
}  # fmt: skip


@group.command("create")
@click.option("--json", "as_json", is_flag=True)
def create(as_json: bool) -> None:
    """Make a backup now; the server may run and write. Older ones go as BACKUP_KEEP and BACKUP_KEEP_DAYS say."""
    with told() as tell:
        made, gone = making.create(place=place(), by=operator().name, signer=_signer(), now=clock.now(), tell=tell)
    details = {"name": made.name, "bytes": made.bytes, "pruned": len(gone)}
    audit.record(actor=operator(), action="backup.created", details=details, now=clock.now())
    if as_json:
        print_json({"name": made.name, "file": str(made.file), "bytes": made.bytes, "pruned": gone})
        return
    click.echo(made.file)
    remark(
        f"{made.bytes / 1e6:.1f} MB; {len(gone)} older ones deleted. Not in it: keys and TOMBSTONE_FILE (docs/backup.md)."
    )


@group.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_backups(as_json: bool) -> None:
    """Every backup in BACKUP_DIR, the latest first, and the last drill."""
    there, drills = folder.all_backups(place().backup_dir), folder.drills(place().backup_dir)
    tried = {each.backup: each for each in reversed(drills)}
    if as_json:
        print_json([_row(each, tried.get(each.name)) for each in there])
        return
    headers = ("NAME", "MADE (UTC)", "MB", "ROWS", "MIGRATION", "BY", "DRILL")
    print_table(headers, [_line(each, tried.get(each.name)) for each in there])


def _row(each: Backup, tried: Drill | None) -> dict[str, Any]:
    told = each.manifest
    return {
        "name": each.name, "made_at": each.made_at, "bytes": each.bytes, "readable": told is not None,
        "rows": told.total_rows if told else None, "migration": told.migration if told else None,
        "by": told.made_by if told else None, "drill": _outcome(tried),
    }  # fmt: skip


def _line(each: Backup, tried: Drill | None) -> tuple[Any, ...]:
    told = each.manifest
    what = (told.total_rows, told.migration, told.made_by) if told else ("damaged", "", "")
    return (each.name, each.made_at, f"{each.bytes / 1e6:.1f}", *what, _outcome(tried))


@group.command("verify")
@click.argument("name", default="")
@click.option("--json", "as_json", is_flag=True)
def verify(name: str, as_json: bool) -> None:
    """Compare every hash of a backup (the latest by default; a name or a file) and open the database in it; exit code 1 when it is damaged."""
    found = folder.find(place().backup_dir, name)
    with told() as tell:
        report = making.verify(backup=found, place=place(), verifier=_signer().verifier, tell=tell)
    if found.file.parent == place().backup_dir:
        check = folder.Check(backup=report.name, at=clock.now(), by=operator().name, faults=report.faults)
        folder.record_check(place().backup_dir, check)
    if as_json:
        print_json({"name": report.name, "signed": report.signed, "faults": report.faults, "remarks": report.remarks})
    else:
        for fault in report.faults:
            click.echo(f"fault: {fault}")
        remarks = (
            report.remarks if report.signed else ["Not signed by this installation's LEDGER_KEY_FILE.", *report.remarks]
        )
        for each in remarks:
            click.echo(f"note: {each}")
        remark(
            f"{report.name}: {len(report.manifest.members)} files, {report.manifest.total_rows} rows, {len(report.faults)} faults"
        )
    leave(1 if report.faults else 0)


@group.command("drill")
@click.argument("name", default="")
@click.option("--json", "as_json", is_flag=True)
def drill(name: str, as_json: bool) -> None:
    """Put a backup (the latest by default) back into a database that is thrown away, say and record what that proved; exit code 1 when it failed."""
    found = folder.find(place().backup_dir, name)
    with told() as tell:
        done = proving.drill(found, place=place(), by=operator().name, tell=tell)
    details = {"name": done.backup, "ok": done.ok}
    audit.record(actor=operator(), action="backup.drilled", details=details, now=clock.now())
    if as_json:
        print_json(
            {
                "backup": done.backup,
                "ok": done.ok,
                "seconds": done.seconds,
                "proved": done.proved,
                "faults": done.faults,
            }
        )
    else:
        for what, finding in done.proved.items():
            click.echo(f"{what:<10} {finding}")
        for fault in done.faults:
            click.echo(f"{'fault':<10} {fault}")
        remark(f"{done.backup}: {_outcome(done)} after {done.seconds:g} s")
    leave(0 if done.ok else 1)


@group.command("restore")
@click.argument("name")
@click.option("--yes", is_flag=True, help="There is a database: keep it aside and put the backup in its place.")
@click.option("--other-keys", is_flag=True, help="Go on although SUPPRESSION_KEY_FILE lacks a key of the backup.")
@click.option("--json", "as_json", is_flag=True)
def restore(name: str, yes: bool, other_keys: bool, as_json: bool) -> None:
    """Put a backup (a name of the list, or a file) in the place of the database, proved before the two are exchanged."""
    found = folder.find(place().backup_dir, name)
    migration = found.manifest.migration if found.manifest else ""
    restoring.refuse_if_unfit(
        backup=found, place=place(), known=schema.knows(migration), running=running(), yes=yes, other_keys=other_keys
    )
    db.engine.dispose()
    with told() as tell:
        done = restoring.restore(backup=found, place=place(), prove=proving.proving(), now=clock.now(), tell=tell)
    db.engine.dispose()
    details = {"name": found.name, "kept": Path(done.kept).name, "erased_again": done.proved["erased_again"]}
    audit.record(actor=operator(), action="backup.restored", details=details, now=clock.now())
    if as_json:
        print_json(
            {"name": found.name, "kept": done.kept, "files": done.files, "proved": done.proved, "remarks": done.remarks}
        )
        return
    click.echo(
        f"{found.name} is in place: {done.proved['profiles']} customers, {done.proved['erased_again']} contacts erased again, {done.files} files put back."
    )
    for each in done.remarks:
        click.echo(f"note: {each}")
    if done.kept:
        remark(
            f"The database before is kept as {done.kept}. Delete it when you need it no more: the erased may be in it."
        )


def _outcome(done: Drill | None) -> str:
    return "" if done is None else "passed" if done.ok else "FAILED"


def place() -> config.Settings:
    found: config.Settings = current_app.config["SETTINGS"]
    return found


def _signer() -> notes.Signer:
    return signer_of(place().public_url, place().ledger_key)


def running() -> str:
    """By what it can be seen that crm360 runs here; "" when it does not."""
    settings = place()
    host = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
    if answers(host, settings.port):
        return f"something answers at {host}:{settings.port}"
    age = heartbeat.age(settings.instance_dir, now=clock.now())
    if heartbeat.state(age) == "working":
        return (
            f"a worker was at work {age:g} s ago (a killed one counts as gone after {heartbeat.LATE_AFTER_SECONDS:g} s)"
        )
    return ""


@contextmanager
def told() -> Iterator[Callable[[Step], None]]:
    """A progress bar per step at a terminal; else a line."""
    if not sys.stderr.isatty():
        yield _Lines().tell
        return
    with bars() as progress:
        tasks: dict[str, Any] = {}

        def tell(step: Step) -> None:
            if step.name not in tasks:
                tasks[step.name] = progress.add_task(STEPS[step.name], total=None)
            progress.update(tasks[step.name], completed=step.done, total=step.total or None)

        yield tell


class _Lines:
    """Says each step once."""

    def __init__(self) -> None:
        self.last = ""

    def tell(self, step: Step) -> None:
        if step.name != self.last:
            self.last = step.name
            remark(f"{STEPS[step.name]} …")
