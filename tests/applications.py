"""The application in a test's own process: on a database of its own, inside a transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Connection

import config
from crm360.app import create_app
from crm360.kernel import schema
from crm360.kernel.db import db as flask_db
from tests import databases, visits

SECRET = "only for tests: nothing is protected by this"
#: Peers of tests listen on this machine.
LOOPBACK = {"PRIVATE_TARGETS": "127.0.0.0/8"}
#: Pages read the real clock: what they send must leave in the evening, too.
AWAKE = {"QUIET_HOURS": "0-0"}


@contextmanager
def migrated(kind: str, folder: Path, label: str) -> Iterator[Flask]:
    """An application on a database of `kind` of its own, on a schema made by the migrations."""
    with databases.fresh(kind, folder=folder, label=label) as url:
        app = create_app(
            config.load({"DATABASE_URL": url, "INSTANCE_DIR": str(folder), "SECRET_KEY": SECRET, **LOOPBACK, **AWAKE})
        )
        app.testing = True
        app.test_client_class = visits.Visitor
        app.test_cli_runner_class = visits.Operator
        with app.app_context():
            schema.upgrade(flask_db.engine)
        yield app
        with app.app_context():
            flask_db.engine.dispose()


@contextmanager
def one_transaction() -> Iterator[Connection]:
    """Every session of the application whose context is pushed joins one transaction, with a savepoint; it is rolled back."""
    engines: Any = flask_db.engines
    engine = engines[None]
    flask_db.session.remove()
    with engine.connect() as connection:
        outer = connection.begin()
        engines[None] = connection
        try:
            yield connection
        finally:
            flask_db.session.remove()
            engines[None] = engine
            outer.rollback()


@contextmanager
def undone(app: Flask) -> Iterator[Flask]:
    """`app` inside one transaction that is rolled back at the end; its context is pushed."""
    with app.app_context(), one_transaction():
        try:
            yield app
        finally:
            reset_limits(app)


def reset_limits(app: Flask) -> None:
    """Forget how often a visitor came: the next test starts with a clean sheet."""
    for limiter in app.extensions.get("limiter", ()):
        limiter.reset()
