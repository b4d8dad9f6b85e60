"""`flask doctor`: whether this installation is well, and what to do when it is not."""

from __future__ import annotations

from collections.abc import Iterator

import click
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from crm360.cli import machine_findings as machine
from crm360.cli import queue_findings as queues
from crm360.cli.door import command, print_json
from crm360.cli.findings import Finding
from crm360.kernel import dialects, schema
from crm360.kernel.db import db


@command("doctor")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Look at settings, database, queues, mail server, ledger, clock, disk, secrets, worker and front-end files. Exit code 1 when something does not work."""
    findings = list(examine())
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        for level, what, advice in findings:
            click.echo(f"{level:<8} {what}" + (f" {advice}" if advice else ""))
    context.exit(1 if any(finding.level == "error" for finding in findings) else 0)


def examine() -> Iterator[Finding]:
    """Every finding, the foundations first; without a database the rest of it is not asked."""
    settings = current_app.config["SETTINGS"]
    yield Finding("ok", f"settings: read; instance folder {settings.instance_dir}")
    if settings.public_url.startswith("https://") and not settings.cookie_secure:
        yield Finding("warning", "settings: PUBLIC_URL is https but COOKIE_SECURE is off.", "Set COOKIE_SECURE=1.")
    database = list(_database())
    yield from database
    if all(finding.level == "ok" for finding in database):
        yield queues.payloads()
        yield queues.letters(settings)
        yield queues.deliveries()
        yield queues.consents()
        yield machine.database_clock()
    yield from machine.written_ahead(settings.database_url)
    yield machine.disk(settings.instance_dir)
    yield machine.secrets(settings.instance_dir)
    yield queues.worker(settings.instance_dir)
    yield machine.assets()


def _database() -> Iterator[Finding]:
    try:
        with dialects.reading():
            current = schema.is_current(db.session.connection())
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        yield Finding("error", f"database: not reachable ({reason}).", "See DATABASE_URL.")
        return
    yield Finding("ok", f"database: {db.session.connection().dialect.name} answers")
    if current:
        yield Finding("ok", "migrations: up to date")
    else:
        yield Finding("error", "migrations: the schema is not up to date.", "Run `flask db upgrade`.")
