"""What a database keeps of deleted rows is written over: freed pages, half-full pages, logs."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Engine, text

#: A table somebody uses is waited for no longer than this; the sweep is tried again later.
_LOCK_TIMEOUT = "10s"


def sweep(engine: Engine, tables: Iterable[str]) -> None:
    """Write the database anew without what was deleted; outside any transaction.

    SQLite: the whole file is rewritten and its write-ahead log emptied. PostgreSQL: these tables are rewritten with
    their indexes; its own write-ahead log is recycled by checkpoints. Raises OperationalError when somebody is in the way.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SET lock_timeout = '{_LOCK_TIMEOUT}'"))
            for table in sorted(tables):
                connection.execute(text(f"VACUUM (FULL, ANALYZE) {table}"))
            connection.execute(text("RESET lock_timeout"))
            return
        raw = connection.connection.driver_connection
        for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            raw.execute(statement).fetchall()  # type: ignore[union-attr]
