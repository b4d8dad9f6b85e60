"""Empty databases for tests: a SQLite file, or a PostgreSQL database of its own that is dropped at the end."""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

PREFIX = "crm360_test_"
LONGEST_RUN_SECONDS = 2 * 3600
TRIES = 12
DEFAULT_SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


def postgresql_server() -> str:
    """Address of a database of the PostgreSQL server in which tests may create others."""
    return os.environ.get("TEST_POSTGRESQL_URL") or DEFAULT_SERVER


@contextmanager
def fresh_sqlite(folder: Path) -> Iterator[str]:
    """Address of a SQLite file that does not exist yet."""
    yield f"sqlite:///{folder / 'test.sqlite3'}"


@contextmanager
def fresh_postgresql(label: str, template: str = "template0") -> Iterator[str]:
    """Address of a new PostgreSQL database, empty or a copy; the test is skipped, with the reason, where no server answers."""
    server = postgresql_server()
    name = f"{PREFIX}{int(time.time()):x}_{label}_{uuid.uuid4().hex[:6]}"
    try:
        admin = psycopg.connect(server, autocommit=True, connect_timeout=60)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL at TEST_POSTGRESQL_URL: {str(error).splitlines()[0]}")
    with admin:
        drop_left_over(admin)
        with copied_postgresql(admin, name, template):
            yield server.rsplit("/", 1)[0] + "/" + name


@contextmanager
def copied_postgresql(admin: psycopg.Connection[Any], name: str, template: str) -> Iterator[None]:
    """A database `name` that begins as `template`, which nobody uses; it is gone afterwards."""
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'")
    _when_nobody_uses_it(admin, create.format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield
    finally:
        _when_nobody_uses_it(admin, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _when_nobody_uses_it(admin: psycopg.Connection[Any], statement: sql.Composed) -> None:
    """The server waits five seconds for those who are just leaving; on a busy machine they take longer."""
    for _ in range(TRIES - 1):
        try:
            admin.execute(statement)
            return
        except psycopg.errors.ObjectInUse:
            continue
    admin.execute(statement)


def drop_left_over(admin: psycopg.Connection[Any]) -> None:
    """Remove databases of test runs that were killed: older than any run may last, and used by nobody."""
    unused = "SELECT datname FROM pg_database d WHERE datname LIKE %s AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE datid = d.oid)"
    for (name,) in admin.execute(unused, [PREFIX.replace("_", "\\_") + "%"]).fetchall():
        born = re.match(PREFIX + "([0-9a-f]{8})_", name)
        if born and int(born[1], 16) < time.time() - LONGEST_RUN_SECONDS:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


@contextmanager
def fresh(kind: str, *, folder: Path, label: str) -> Iterator[str]:
    """Address of an empty database of `kind` (sqlite or postgresql)."""
    with fresh_sqlite(folder) if kind == "sqlite" else fresh_postgresql(label) as url:
        yield url
