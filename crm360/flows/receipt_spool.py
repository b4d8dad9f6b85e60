"""Receipt lines put aside on disk until all lines of a document are together, however far apart the file has them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from tempfile import TemporaryDirectory
from typing import NamedTuple

from crm360.kernel.batches import chunked

_CHUNK = 5000


class Line(NamedTuple):
    """One line of a document: the row of the file it is, and its fields as JSON."""

    document: str
    line_no: int
    fields: bytes


class Spool:
    """A temporary file of lines; memory stays the same whatever its size. Use as a context manager."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="crm360-import-")
        self._database = sqlite3.connect(f"{self._folder.name}/lines.sqlite3", isolation_level=None)
        for statement in (
            "PRAGMA journal_mode=OFF",
            "PRAGMA synchronous=OFF",
            "PRAGMA temp_store=FILE",
            "CREATE TABLE line (document TEXT, line_no INTEGER, fields BLOB)",
        ):
            self._database.execute(statement)

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()
        self._folder.cleanup()

    def put(self, lines: Iterable[Line]) -> None:
        """Put lines aside."""
        for some in chunked(lines, _CHUNK):
            self._database.execute("BEGIN")
            self._database.executemany("INSERT INTO line VALUES (?, ?, ?)", some)
            self._database.execute("COMMIT")

    def count(self) -> int:
        """How many documents there are."""
        return int(self._database.execute("SELECT count(DISTINCT document) FROM line").fetchone()[0])

    def documents(self) -> Iterator[list[Line]]:
        """The lines of each document in the file's order, documents in the order of their first lines."""
        query = (
            "SELECT document, line_no, fields, min(line_no) OVER (PARTITION BY document) AS first"
            " FROM line ORDER BY first, line_no"
        )
        with closing(self._database.execute(query)) as cursor:
            for _, rows in groupby(cursor, key=itemgetter(3)):
                yield [Line(*row[:3]) for row in rows]
