"""Everything that is looked at, in one list."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.exc import SQLAlchemyError

import config
from crm360.doctor import machine, queues
from crm360.doctor.findings import Finding
from crm360.kernel import clock, dialects, schema
from crm360.kernel.db import db


def examine(settings: config.Settings, *, greet: bool = True) -> Iterator[Finding]:
    """Every finding, the foundations first; without a database the rest of it is not asked.

    `greet`: whether the mail server is spoken to, which may take seconds.
    """
    yield Finding("ok", f"settings: read; instance folder {settings.instance_dir}")
    if settings.public_url.startswith("https://") and not settings.cookie_secure:
        yield Finding("warning", "settings: PUBLIC_URL is https but COOKIE_SECURE is off.", "Set COOKIE_SECURE=1.")
    database = list(_database())
    yield from database
    if all(finding.level == "ok" for finding in database):
        yield queues.payloads()
        yield queues.letters(settings, greet=greet)
        yield queues.deliveries()
        yield queues.consents()
        yield machine.database_clock()
    yield from machine.written_ahead(settings.database_url)
    yield machine.disk(settings.instance_dir)
    yield machine.secrets(settings.instance_dir)
    yield queues.worker(settings.instance_dir)
    yield queues.jobs(settings.instance_dir)
    yield queues.backups(settings, now=clock.now())
    yield machine.documents()
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
