"""Receipt lines put aside on disk until all lines of a document are together, however far apart the file has them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec


class Line(NamedTuple):
    """One line of a document: the row of the file it is, and its fields as JSON."""

    document: str
    line_no: int
    fields: bytes


class Document(NamedTuple):
    """Its lines in the file's order: their fields as JSON, parted by commas, and the rows of the file they are."""

    rows: bytes
    line_nos: list[int]


class Spool:
    """A temporary file of lines; memory stays the same whatever its size. Use as a context manager.

    Neighbouring lines of one document are put aside as one piece: files mostly have them together, and then there is
    little to sort.
    """

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="crm360-import-")
        self._database = sqlite3.connect(f"{self._folder.name}/lines.sqlite3", isolation_level=None)
        for statement in (
            "PRAGMA journal_mode=OFF",
            "PRAGMA synchronous=OFF",
            "PRAGMA temp_store=FILE",
            "CREATE TABLE piece (document TEXT, first INTEGER, rows BLOB, line_nos BLOB)",
        ):
            self._database.execute(statement)

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()
        self._folder.cleanup()

    def put(self, lines: Iterable[Line]) -> None:
        """Put lines aside, in the file's order."""
        self._database.execute("BEGIN")
        pieces = (_piece(document, list(some)) for document, some in groupby(lines, key=attrgetter("document")))
        self._database.executemany("INSERT INTO piece VALUES (?, ?, ?, ?)", pieces)
        self._database.execute("COMMIT")

    def count(self) -> int:
        """How many documents there are."""
        return int(self._database.execute("SELECT count(DISTINCT document) FROM piece").fetchone()[0])

    def documents(self) -> Iterator[Document]:
        """Documents in the order of their first lines."""
        query = (
            "SELECT rows, line_nos, min(first) OVER (PARTITION BY document) AS begins FROM piece ORDER BY begins, first"
        )
        with closing(self._database.execute(query)) as cursor:
            for _, pieces in groupby(cursor, key=itemgetter(2)):
                rows, line_nos, _ = zip(*pieces, strict=True)
                yield Document(b",".join(rows), list(chain.from_iterable(map(msgspec.json.decode, line_nos))))


def _piece(document: str, lines: list[Line]) -> tuple[str, int, bytes, bytes]:
    rows = b",".join([line.fields for line in lines])
    return document, lines[0].line_no, rows, msgspec.json.encode([line.line_no for line in lines])
