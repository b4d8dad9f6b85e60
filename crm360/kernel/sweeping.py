"""What a database keeps of deleted rows is written over: freed pages, half-full pages, logs."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Engine, text

from crm360.kernel.errors import Unavailable

#: A table somebody uses is waited for no longer than this; the sweep is tried again later.
_LOCK_TIMEOUT = "10s"
#: So many tenths of a second older transactions are waited for.
_PATIENCE = 600
#: Tries to empty SQLite's log: each waits for readers as long as a connection does, but not for who copies the log.
_TRIES = 10
#: PostgreSQL rewrites what any older transaction of the whole server might still want to see, of other databases too.
_OLDER = text(
    "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type <> 'walsender'"
    " AND (age(backend_xid) >= age(CAST(CAST(:seen AS text) AS xid)) OR age(backend_xmin) >= age(CAST(CAST(:seen AS text) AS xid)))"
)


class InTheWay(Unavailable):
    """A transaction that began before the deletion is still open, or somebody keeps the log from being emptied."""

    def __init__(self) -> None:
        super().__init__("An older transaction still sees what was deleted. The sweep is tried again.")


def sweep(engine: Engine, tables: Iterable[str]) -> None:
    """Write the database anew without what was deleted; outside any transaction.

    SQLite: the whole file is rewritten and its write-ahead log emptied. PostgreSQL: these tables are rewritten with
    their indexes; its own write-ahead log is recycled by checkpoints. Raises OperationalError when somebody uses a
    table, InTheWay when an older transaction or a reader does not end.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            _outlive_older_transactions(connection)
            connection.execute(text(f"SET lock_timeout = '{_LOCK_TIMEOUT}'"))
            for table in sorted(tables):
                connection.execute(text(f"VACUUM (FULL, ANALYZE) {table}"))
            connection.execute(text("RESET lock_timeout"))
            return
        raw: Any = connection.connection.driver_connection
        raw.execute("VACUUM")
        _empty_log(raw)


def _empty_log(raw: Any) -> None:
    """Empty SQLite's log, which holds what was deleted. Who reads what was before is waited for, and who copies the log."""
    for _ in range(_TRIES):
        busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            return
        time.sleep(0.1)
    raise InTheWay


def _outlive_older_transactions(connection: Connection) -> None:
    """Until nobody can see the deleted rows any more: a rewritten table would carry them along."""
    seen = {"seen": str(connection.scalar(text("SELECT txid_current() % 4294967296")))}
    for _ in range(_PATIENCE):
        if not connection.scalar(_OLDER, seen):
            return
        connection.execute(text("SELECT pg_sleep(0.1)"))
    raise InTheWay
