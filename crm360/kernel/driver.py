"""A finished statement handed to the database's driver inside the session's transaction, with nothing in between.

The toolkit's way around the driver costs as much as a small question itself: of an arriving contact, with its twenty
small questions, a quarter of the time. Whoever listens to an engine's statements still hears all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def fetch(connection: Connection, statement: str, parameters: Any) -> Sequence[Any]:
    """All rows of a question. Raises the toolkit's errors."""
    if connection.dispatch.before_cursor_execute:
        return connection.exec_driver_sql(statement, parameters).all()
    with _cursor(connection, statement, parameters) as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def write(connection: Connection, statement: str, rows: Sequence[Any]) -> None:
    """A statement run once for each of `rows`. Raises the toolkit's errors."""
    if connection.dispatch.before_cursor_execute:
        connection.exec_driver_sql(statement, list(rows))
        return
    with _cursor(connection, statement, rows) as cursor:
        if len(rows) == 1:
            cursor.execute(statement, rows[0])
        else:
            cursor.executemany(statement, rows)


@contextmanager
def _cursor(connection: Connection, statement: str, parameters: Any) -> Iterator[Any]:
    cursor = connection.connection.cursor()
    error_of_driver = connection.dialect.loaded_dbapi.Error
    try:
        yield cursor
    except error_of_driver as error:
        lost = connection.dialect.is_disconnect(error, connection.connection.driver_connection, cursor)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement, parameters, error, error_of_driver, connection.engine.hide_parameters,
            connection_invalidated=lost, dialect=connection.dialect,
        ) from error  # fmt: skip
    finally:
        cursor.close()
