"""`flask doctor`: whether this installation is well, and what to do when it is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import click
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

import config
from crm360.cli.door import command, print_json
from crm360.inbox import queries as inbox
from crm360.kernel import clock, dialects, heartbeat, schema
from crm360.kernel.db import db
from crm360.webhooks import queries as webhooks

ASSETS = config.ROOT / "crm360/static/vendor"


class Finding(NamedTuple):
    """One thing looked at. `level`: ok, warning (works, but see to it), error (does not work)."""

    level: str
    what: str
    advice: str = ""


@command("doctor")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Look at settings, database, worker, inbox and front-end files. Exit code 1 when something does not work."""
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
        yield _inbox()
        yield _webhooks()
    yield _worker(settings)
    yield _assets()


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


def _inbox() -> Finding:
    counts = inbox.counts()
    told = f"inbox: {counts.waiting} waiting, {counts.quarantined} in quarantine"
    if counts.quarantined:
        return Finding("warning", f"{told}.", "See `flask inbox quarantined`; after a fix, `flask inbox replay`.")
    return Finding("ok", told)


def _webhooks() -> Finding:
    paused = [pause for pause in webhooks.pauses().values() if pause.reason != "by_hand"]
    told = f"webhooks: {len(webhooks.all_endpoints())} endpoints"
    if paused:
        ids = ", ".join(str(pause.endpoint_id) for pause in paused)
        return Finding("warning", f"{told}, paused because nothing arrives: {ids}.", "See `flask webhooks deliveries`.")
    return Finding("ok", told)


def _worker(settings: config.Settings) -> Finding:
    age = heartbeat.age(settings.instance_dir, now=clock.now())
    state = heartbeat.state(age)
    if state == "working":
        return Finding("ok", f"worker: at work {age:g} s ago")
    told = "worker: never seen" if age is None else f"worker: last seen {age:.0f} s ago"
    return Finding("warning", f"{told}.", "Start it with `make run`, or `python -m crm360.jobs.worker`.")


def _assets() -> Finding:
    if ASSETS.is_dir() and any(ASSETS.iterdir()):
        return Finding("ok", "front-end files: present")
    return Finding("error", "front-end files: missing.", "Run `make setup`.")
