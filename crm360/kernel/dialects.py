"""Everything SQLite and PostgreSQL say differently, in one place."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, cast

import msgspec
from sqlalchemy import JSON, BigInteger, Engine, Integer, any_, event, func, literal, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

from crm360.kernel import bulk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import ColumnElement, FromClause, Table
    from sqlalchemy.orm import Session, scoped_session

#: 64-bit ids everywhere; SQLite only auto-increments a column declared exactly INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")
JsonValue = JSON().with_variant(JSONB, "postgresql")

#: Whether the coming transaction may write. SQLite takes its one write lock at BEGIN then, instead of failing half way.
_may_write: ContextVar[bool] = ContextVar("may_write", default=True)


def to_json(value: Any) -> str:
    """JSON text of a value of a JSON column."""
    return msgspec.json.encode(value).decode()


#: SQLite's `synchronous`, the last counts. An acknowledged event must survive a power cut, not only a crash.
_durability = ["FULL"]


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside only read, so SQLite lets them run beside a writer."""
    token = _may_write.set(False)
    try:
        yield
    finally:
        _may_write.reset(token)


def set_may_write(value: bool) -> None:
    """Say of this thread's coming transactions whether they may write (a door knows from the HTTP method)."""
    _may_write.set(value)


@contextmanager
def hasty() -> Iterator[None]:
    """Commits of this process inside are safe from its crash, not from a power cut: for what can be loaded again."""
    _durability.append("NORMAL")
    try:
        yield
    finally:
        _durability.pop()


def prepare_engine(engine: Engine) -> None:
    """Give an engine its dialect's settings. SQLite: WAL, durable commits, foreign keys, immediate write locks."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _prepare_sqlite_connection)
    event.listen(engine, "begin", _begin_sqlite)


def _prepare_sqlite_connection(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the "begin" listener says BEGIN itself
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        f"synchronous={_durability[0]}",
        "busy_timeout=30000",
        "foreign_keys=ON",
        "cache_size=-65536",
        "wal_autocheckpoint=4000",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    if connection.info.get("durability", _durability[0]) != _durability[-1]:
        connection.exec_driver_sql(f"PRAGMA synchronous={_durability[-1]}")
        connection.info["durability"] = _durability[-1]
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _may_write.get() else "BEGIN")


def insert_new(
    session: Session | scoped_session[Any], table: FromClause, rows: list[dict[str, Any]], keys: list[str]
) -> int:
    """Insert rows whose `keys` are not there yet, leave the others; returns how many were new. Order is kept."""
    if not rows:
        return 0
    target = cast("Table", table)
    if session.get_bind().dialect.name == "postgresql":
        statement = postgresql.insert(target).on_conflict_do_nothing(index_elements=keys)
        # rowcount of a batch is not told otherwise
        return len(session.execute(statement.returning(*target.primary_key.columns), rows).all())
    before = session.execute(text("SELECT total_changes()")).scalar_one()
    bulk.insert_rows(session, target, rows, on_conflict="keep", keys=keys)
    return int(session.execute(text("SELECT total_changes()")).scalar_one() - before)


def upsert(
    session: Session | scoped_session[Any], table: FromClause, rows: list[dict[str, Any]], keys: list[str]
) -> None:
    """Insert rows, or overwrite every other given column of the row that has the same `keys`."""
    bulk.insert_rows(session, cast("Table", table), rows, on_conflict="overwrite", keys=keys)


def among(session: Session | scoped_session[Any], column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """`column IN values` as one bound parameter, however many they are: the statement is compiled once, never split.

    `values` are all text or all integers.
    """
    if session.get_bind().dialect.name == "postgresql":
        return cast("ColumnElement[bool]", column == any_(literal(list(values), postgresql.ARRAY(column.type))))
    listed = func.json_each(to_json(list(values))).table_valued("value")
    return cast("ColumnElement[bool]", column.in_(select(listed.c.value)))


def lock_partition(session: Session | scoped_session[Any]) -> None:
    """Let one transaction at a time change who is who. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(36036001)"))


def skip_locked(session: Session | scoped_session[Any]) -> dict[str, Any]:
    """Arguments for `with_for_update` that let several workers share a queue; SQLite ignores them."""
    return {"skip_locked": session.get_bind().dialect.name == "postgresql"}


def trusted_sources(session: Session | scoped_session[Any]) -> tuple[str, ...]:
    """Sources whose word counts most, the most trusted first, as the application told its engine."""
    return tuple(session.connection().get_execution_options().get("trusted_sources", ()))
