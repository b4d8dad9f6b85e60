"""Whether somebody else has written to the database since a moment: if nobody has, what was read then still holds."""

from __future__ import annotations

from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import Engine, event, text
from sqlalchemy.orm import scoped_session

_OTHERS = text("SELECT pg_current_snapshot()::text, pg_current_xact_id()::text")
#: What this process commits, so that others who use the same connection in turn are seen, too.
_commits = count(1)
_last = 0


@event.listens_for(Engine, "commit")
@event.listens_for(Engine, "release_savepoint")
def _committed(*_: Any) -> None:
    global _last  # noqa: PLW0603 - one number a process
    _last = next(_commits)


class _Mark(NamedTuple):
    commits: int
    #: SQLite: the connection, and what it says of others' commits. PostgreSQL: the first transaction not over yet and this one.
    connection: Any
    version: int
    own: int
    #: Transactions that are not over: what they write counts once they are.
    running: frozenset[int]


class Standstill:
    """Transactions of one session that follow each other, each begun by asking `holds()` and ended by a commit."""

    def __init__(self, session: scoped_session[Any]):
        self.session = session
        self._before: _Mark | None = None

    def holds(self) -> bool:
        """Whether nobody but this session's own last transaction has written since the last time this was asked.

        Never True by mistake; False also when it cannot be told. Asked before anything else in a transaction.
        """
        untouched = not self.session().in_transaction()
        before, self._before = self._before, self._mark()
        if before is None or not untouched or self._before.commits != before.commits + 1:
            return False
        if self.session.get_bind().dialect.name == "sqlite":
            return before[1:3] == self._before[1:3]
        ended = (before.running | set(range(before.version, self._before.version))) - self._before.running
        return ended <= {before.own}

    def _mark(self) -> _Mark:
        connection = self.session.connection()
        if connection.dialect.name == "sqlite":
            driver: Any = connection.connection.driver_connection
            return _Mark(_last, driver, driver.execute("PRAGMA data_version").fetchone()[0], 0, frozenset())
        snapshot, own = connection.execute(_OTHERS).one()
        _, following, running = snapshot.split(":")
        return _Mark(_last, None, int(following), int(own), frozenset(map(int, filter(None, running.split(",")))))
