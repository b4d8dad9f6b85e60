"""Empty databases for tests: a SQLite file, or a PostgreSQL database of its own that is dropped at the end."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

DEFAULT_SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


def postgresql_server() -> str:
    """Address of a database of the PostgreSQL server in which tests may create others."""
    return os.environ.get("TEST_POSTGRESQL_URL") or DEFAULT_SERVER


@contextmanager
def fresh_sqlite(folder: Path) -> Iterator[str]:
    """Address of a SQLite file that does not exist yet."""
    yield f"sqlite:///{folder / 'test.sqlite3'}"


@contextmanager
def fresh_postgresql(label: str) -> Iterator[str]:
    """Address of an empty PostgreSQL database; the test is skipped, with the reason, where no server answers."""
    server = postgresql_server()
    name = f"crm360_test_{label}_{uuid.uuid4().hex[:10]}"
    try:
        admin = psycopg.connect(server, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL at TEST_POSTGRESQL_URL: {str(error).splitlines()[0]}")
    with admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
        try:
            yield server.rsplit("/", 1)[0] + "/" + name
        finally:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def fresh(kind: str, *, folder: Path, label: str) -> Iterator[str]:
    """Address of an empty database of `kind` (sqlite or postgresql)."""
    with fresh_sqlite(folder) if kind == "sqlite" else fresh_postgresql(label) as url:
        yield url
