"""How much room everything takes, found without reading it all: a page that opens at once on the largest shop."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import text

from crm360.kernel import dialects
from crm360.kernel.db import db

#: Rows of a table are counted up to here; beyond it the database's own estimate has to do.
COUNTED = 10_000
#: Files of a folder are looked at up to here.
FILES = 20_000


class Table(NamedTuple):
    """A table: rows, whether they were counted (else about, or at least so many), and bytes where the database knows."""

    name: str
    rows: int
    how: str
    bytes: int | None


class Folder(NamedTuple):
    """What lies in a folder and below. `whole` is False when there was more than is looked at."""

    path: Path
    files: int
    bytes: int
    whole: bool


class Disk(NamedTuple):
    """A file system: free and total bytes, and which of our folders are on it."""

    free: int
    total: int
    folders: list[Path]


def database_bytes() -> int:
    """Of the whole database."""
    return dialects.database_bytes(db.session.connection())


def largest_tables(limit: int) -> list[Table]:
    """By bytes where they are known, else by rows."""
    outlines = dialects.table_outlines(db.session.connection())
    counts = _counts(outlines)
    found = [_table(name, counts[name], *outline) for name, outline in outlines.items()]
    return sorted(found, key=lambda each: (each.bytes or 0, each.rows), reverse=True)[:limit]


def _table(name: str, counted: int, size: int | None, about: int | None) -> Table:
    if counted <= COUNTED:
        return Table(name, counted, "counted", size)
    if about is None or about <= COUNTED:
        return Table(name, COUNTED, "more", size)
    return Table(name, about, "about", size)


def _counts(names: Iterable[str]) -> dict[str, int]:
    """Rows of each table, COUNTED + 1 when there are more; all in one statement."""
    each = [
        f"SELECT '{name}', (SELECT count(*) FROM (SELECT 1 FROM \"{name}\" LIMIT {COUNTED + 1}) AS read)"  # noqa: S608 (names of our tables)
        for name in names
    ]
    return dict(db.session.execute(text(" UNION ALL ".join(each))).all()) if each else {}


def folders(parent: Path, *others: Path) -> list[Folder]:
    """Each folder in `parent`, the files that lie there themselves as one more, and `others` elsewhere; the largest first."""
    inside = sorted(entry for entry in parent.iterdir() if entry.is_dir() and not entry.is_symlink())
    apart = [other for other in others if other.is_dir() and other not in inside]
    found = [folder(each) for each in [*inside, *apart]]
    loose = [entry.stat().st_size for entry in parent.iterdir() if entry.is_file()]
    return sorted([*found, Folder(parent, len(loose), sum(loose), True)], key=lambda each: each.bytes, reverse=True)


def folder(path: Path) -> Folder:
    """Everything below `path`, as far as FILES files."""
    files = total = 0
    for where, _names, names in os.walk(path):
        for name in names:
            if files == FILES:
                return Folder(path, files, total, False)
            files += 1
            total += _size(Path(where) / name)
    return Folder(path, files, total, True)


def _size(file: Path) -> int:
    try:
        return file.lstat().st_size
    except FileNotFoundError:
        return 0  # gone while we looked


def disks(paths: Iterable[Path]) -> list[Disk]:
    """The file systems these folders are on, each once."""
    found: dict[int, Disk] = {}
    for path in paths:
        there = next(each for each in (path, *path.parents) if each.exists())
        usage = shutil.disk_usage(there)
        found.setdefault(there.stat().st_dev, Disk(usage.free, usage.total, [])).folders.append(path)
    return list(found.values())
