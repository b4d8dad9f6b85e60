"""Everything SQLite and PostgreSQL say differently, in one place."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import JSON, BigInteger, Boolean, Engine, Integer, String, TypeDecorator, bindparam, event, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from crm360.kernel import bulk, driver
from crm360.kernel.checkpointing import Checkpointer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Dialect, FromClause, Table
    from sqlalchemy.orm import Session, scoped_session
    from sqlalchemy.types import TypeEngine

#: 64-bit ids everywhere; SQLite only auto-increments a column declared exactly INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")
JsonValue = JSON().with_variant(JSONB, "postgresql")

#: Whether the coming transaction may write. SQLite takes its one write lock at BEGIN then, instead of failing half way.
_may_write: ContextVar[bool] = ContextVar("may_write", default=True)


def to_json(value: Any) -> str:
    """JSON text of a value of a JSON column."""
    return msgspec.json.encode(value).decode()


#: Pages in SQLite's log before a commit copies them back itself, by its `synchronous`; a thread does before (`checkpointing`).
_CHECKPOINTS = {"FULL": 20_000, "NORMAL": 50_000}
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
    """Commits of this process inside are safe from its crash, not from a power cut: for what can be loaded again.

    SQLite's log is also copied back less often: a page many batches change is copied once.
    """
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
    _copy_log_beside(engine)


def _prepare_sqlite_connection(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the "begin" listener says BEGIN itself
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        f"synchronous={_durability[0]}",
        "busy_timeout=30000",
        "foreign_keys=ON",
        "cache_size=-65536",
        f"wal_autocheckpoint={_CHECKPOINTS[_durability[0]]}",
        "temp_store=MEMORY",
        "mmap_size=2147418112",  # SQLite's largest: a page is read where the system keeps it, in half the time
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    if connection.info.get("durability", _durability[0]) != _durability[-1]:
        connection.exec_driver_sql(f"PRAGMA synchronous={_durability[-1]}")
        connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={_CHECKPOINTS[_durability[-1]]}")
        connection.info["durability"] = _durability[-1]
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _may_write.get() else "BEGIN")


def _copy_log_beside(engine: Engine) -> None:
    """Let a thread copy the log of the engine's file back after commits, but hasty ones."""
    file = engine.url.database
    if not file or file == ":memory:":
        return
    beside = Checkpointer(Path(file).absolute())

    def mark(connection: Connection) -> None:
        if _may_write.get() and _durability[-1] == "FULL":
            connection.info["committed"] = True

    def tell(_connection: Any, record: Any) -> None:
        if record.info.pop("committed", False):
            beside.committed()

    event.listen(engine, "commit", mark)
    event.listen(engine, "checkin", tell)
    event.listen(engine, "engine_disposed", lambda _: beside.stop())


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


class _Listed(TypeDecorator[Any]):
    """Any number of values as one parameter: an array in PostgreSQL, a JSON text in SQLite."""

    impl = String
    cache_ok = True

    def __init__(self, inner: TypeEngine[Any]):
        super().__init__()
        self.inner = inner

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return postgresql.ARRAY(self.inner) if dialect.name == "postgresql" else String()

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        listed = list(value or ())
        return listed if dialect.name == "postgresql" else to_json(listed)


class Among(FunctionElement[bool]):
    """`column IN :values`, the values one parameter of the run: the statement is built and compiled once, never split.

    Run it with {"values": collection}; all text or all integers.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: Any):
        super().__init__(column, bindparam("values", type_=_Listed(column.type)))

    def self_group(self, against: Any = None) -> Self:
        """A condition as it stands: SQLite would be told `… = 1`, and could use no index."""
        return self


@compiles(Among, "sqlite")
def _among_json(element: Among, compiler: Any, **kwargs: Any) -> str:
    column, values = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608  (both are compiled clauses)


@compiles(Among, "postgresql")
def _among_array(element: Among, compiler: Any, **kwargs: Any) -> str:
    column, values = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"{column} = ANY({values})"


def new_ids(session: Session | scoped_session[Any], table: Table, count: int) -> range | list[int]:
    """Ids for rows about to be inserted with them, for writers that cannot wait for the database to tell each.

    SQLite: within the one write lock, from the highest id there is or ever was (where ids are never given twice).
    """
    if not count:
        return []
    session.flush()
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        sequence = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        return sorted(row[0] for row in driver.fetch(connection, sequence, (table.name, count)))
    highest = driver.fetch(connection, f"SELECT coalesce(max(id), 0) FROM {table.name}", ())[0][0]  # noqa: S608
    if table.dialect_options["sqlite"]["autoincrement"]:
        given = driver.fetch(connection, "SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,))
        highest = max([highest, *(row[0] for row in given)])
    return range(highest + 1, highest + 1 + count)


def some_of_each(
    session: Session | scoped_session[Any], table: Table, key: str, value: str, keys: list[int], most: int
) -> dict[int, list[int]]:
    """key → at most `most` of its values, by an index that starts with the key; keys without any are left out.

    However many rows a key has, no more than `most` are read; all keys in one statement.
    """
    wanted = f"SELECT {value} FROM {table.name} WHERE {key} = asked.value LIMIT {most:d}"  # noqa: S608 (names of columns)
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        statement = f"SELECT asked.value, ARRAY({wanted}) FROM unnest(CAST(%s AS bigint[])) AS asked(value)"  # noqa: S608
        return {found: values for found, values in driver.fetch(connection, statement, (keys,)) if values}
    statement = f"SELECT value, (SELECT group_concat({value}) FROM ({wanted})) FROM json_each(?) AS asked"  # noqa: S608
    rows = driver.fetch(connection, statement, (to_json(keys),))
    return {found: list(map(int, values.split(","))) for found, values in rows if values}


def delete_pairs(
    session: Session | scoped_session[Any], table: Table, columns: tuple[str, str], pairs: list[tuple[int, int]]
) -> None:
    """Delete the rows whose two integer columns hold one of `pairs`."""
    if pairs:
        (one, other), connection = columns, session.connection()
        mark = "%s" if connection.dialect.name == "postgresql" else "?"
        statement = f"DELETE FROM {table.name} WHERE {one} = {mark} AND {other} = {mark}"  # noqa: S608 (names of columns)
        driver.write(connection, statement, pairs)


def lock_partition(session: Session | scoped_session[Any]) -> None:
    """Let one transaction at a time change who is who. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(36036001)"))


def look_at_sizes(session: Session | scoped_session[Any], tables: Iterable[Table]) -> None:
    """Have PostgreSQL plan by what the tables hold now: after bulk writing it would go by what they held before.

    Its own look comes a minute later at best, and never while the writing transaction lasts. SQLite's plans need none.
    """
    if session.get_bind().dialect.name == "postgresql":
        for table in tables:
            session.execute(text(f"ANALYZE {table.name}"))


def lock_segments(session: Session | scoped_session[Any]) -> None:
    """Let one transaction at a time bring memberships up to date. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(36036002)"))


def may_rewrite(connection: Connection, tables: Sequence[str]) -> bool:
    """Whether the role we come with may change rows of any of `tables`; SQLite knows no roles."""
    if connection.dialect.name == "sqlite":
        return False
    asked = text("SELECT bool_or(has_table_privilege(name, 'UPDATE')) FROM unnest(CAST(:tables AS text[])) AS name")
    return bool(connection.scalar(asked, {"tables": list(tables)}))


def database_bytes(connection: Connection) -> int:
    """How much room the database takes, without the log SQLite writes ahead."""
    if connection.dialect.name == "postgresql":
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    pages = text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
    return int(connection.scalar(pages) or 0)


def table_outlines(connection: Connection) -> dict[str, tuple[int | None, int | None]]:
    """Table → bytes with its indexes, and about how many rows, as the database knows without counting; None: not known.

    SQLite knows no sizes, and of rows the highest number ever given: as many at most, and nothing of tables without numbers.
    """
    if connection.dialect.name == "postgresql":
        asked = """SELECT c.relname, pg_total_relation_size(c.oid), greatest(c.reltuples, s.n_live_tup, 0)
            FROM pg_class c LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
            WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace"""
        return {name: (int(size), int(rows)) for name, size, rows in connection.execute(text(asked))}
    listed = "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
    tables = {name: not without for name, without in connection.execute(text(listed))}
    numbered = " UNION ALL ".join(f"SELECT '{name}', max(rowid) FROM \"{name}\"" for name, has in tables.items() if has)  # noqa: S608 (names of our tables)
    highest: dict[str, int | None] = dict(connection.execute(text(numbered)).all()) if numbered else {}
    return {name: (None, (highest[name] or 0) if has else None) for name, has in tables.items()}


def expect_short(session: Session | scoped_session[Any]) -> None:
    """Of this transaction's statements: they end soon, whatever the planner guesses. PostgreSQL would compile some first."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL jit = off"))


def skip_locked(session: Session | scoped_session[Any]) -> dict[str, Any]:
    """Arguments for `with_for_update` that let several workers share a queue; SQLite ignores them."""
    return {"skip_locked": session.get_bind().dialect.name == "postgresql"}


def suppression_keys(session: Session | scoped_session[Any]) -> tuple[str, ...]:
    """Keys under which suppressed addresses are kept, the one in force first, as the application told its engine."""
    return tuple(session.connection().get_execution_options().get("suppression_keys", ()))


def trusted_sources(session: Session | scoped_session[Any]) -> tuple[str, ...]:
    """Sources whose word counts most, the most trusted first, as the application told its engine."""
    return tuple(session.connection().get_execution_options().get("trusted_sources", ()))


def shop_zone(session: Session | scoped_session[Any]) -> ZoneInfo:
    """The shop's time zone, as the application told its engine: whose calendar birthdays are kept by."""
    return ZoneInfo(session.connection().get_execution_options().get("timezone", "UTC"))
