"""SQLite: a copy by VACUUM INTO, which reads one snapshot while others write, and carries nothing deleted along."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from crm360.kernel import durable
from crm360.upkeep.errors import BackupFailed, CannotRestore
from crm360.upkeep.manifest import Manifest
from crm360.upkeep.stores import Progress, Taken

#: How many steps of SQLite's machine pass between two looks at how far the copy is.
_STEPS = 500_000
_BESIDE = ("", "-wal", "-shm")


class SqliteStore:
    """The file of an address `sqlite:///FILE`."""

    dialect = "sqlite"

    def __init__(self, url: str) -> None:
        self.file = _file(url)

    def version(self) -> str:
        return f"SQLite {sqlite3.sqlite_version}"

    def take(self, target: Path, tell: Progress) -> Taken:
        if not self.file.exists():
            raise BackupFailed(f"There is no database at {self.file}.")
        size = self.file.stat().st_size
        _room(target.parent, size)
        with _told(), closing(_open(self.file, "ro")) as source:
            source.set_progress_handler(lambda: _look(target, size, tell), _STEPS)
            source.execute("VACUUM INTO ?", (str(target),))
        target.chmod(0o600)
        tell(size, size)
        with _told(), closing(_open(target, "ro")) as copy:
            return Taken(_migration(copy), _counts(copy), [])

    def count(self, url: str) -> dict[str, int]:
        with _told(), closing(_open(_file(url), "ro")) as connection:
            return _counts(connection)

    def is_empty(self) -> bool:
        if not self.file.exists() or not self.file.stat().st_size:
            return True
        try:
            with closing(_open(self.file, "ro")) as connection:
                return not _tables(connection)
        except sqlite3.DatabaseError:
            return False  # damaged, but somebody's

    def user(self) -> str:
        """A writer at work holds the lock; one that rests cannot be seen."""
        if not self.file.exists():
            return ""
        try:
            with closing(_open(self.file, "rw")) as connection:
                connection.execute("PRAGMA busy_timeout=0")
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            return f"somebody writes to {self.file}" if "locked" in str(error) else ""
        except sqlite3.DatabaseError:
            return ""  # damaged: nobody can use it
        return ""

    def beside(self, label: str, stamp: str) -> str:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{self.file.with_name(f'{self.file.name}.{label}-{stamp}')}"

    def fill(self, url: str, dump: Path, manifest: Manifest) -> list[str]:
        target = _file(url)
        _room(target.parent, dump.stat().st_size)
        with _told():
            shutil.copyfile(dump, target)
            target.chmod(0o600)
        return []

    def check(self, url: str) -> list[str]:
        try:
            with closing(_open(_file(url), "ro")) as connection:
                found = [row[0] for row in connection.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
                broken = connection.execute("PRAGMA foreign_key_check").fetchmany(20)
        except sqlite3.DatabaseError as error:
            return [f"the file is no sound database: {error}"]
        return found + [f"a row of {table} names a row of {parent} that is not there" for table, _, parent, _ in broken]

    def discard(self, url: str) -> None:
        for end in _BESIDE:
            Path(f"{_file(url)}{end}").unlink(missing_ok=True)

    def exchange(self, url: str, stamp: str) -> str:
        new, kept = _file(url), self.file.with_name(f"{self.file.name}.before-{stamp}")
        with _told(), closing(_open(new, "rw")) as connection:  # what its log holds must be in the file itself
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA journal_mode=DELETE")
        durable.sync(new)
        try:
            for end in reversed(_BESIDE):
                if Path(f"{self.file}{end}").exists():
                    os.replace(f"{self.file}{end}", f"{kept}{end}")
            os.replace(new, self.file)
            durable.sync(self.file.parent)
        except OSError as error:
            raise CannotRestore(
                f"{self.file} could not be exchanged: {error.strerror}. The old one is {kept}."
            ) from None
        return str(kept) if kept.exists() else ""

    def tidy(self, label: str) -> None:
        for left in self.file.parent.glob(f"{self.file.name}.{label}-*"):
            left.unlink()


def _look(target: Path, size: int, tell: Progress) -> int:
    """How far a copy is; 0 lets SQLite go on."""
    tell(target.stat().st_size if target.exists() else 0, size)
    return 0


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _open(file: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=30)


def _tables(connection: sqlite3.Connection) -> list[str]:
    asked = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    return [name for (name,) in connection.execute(asked)]


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in _tables(connection)}  # noqa: S608


def _migration(connection: sqlite3.Connection) -> str:
    if "alembic_version" not in _tables(connection):
        return ""
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return found[0] if found else ""


def _room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed * 2:
        raise BackupFailed(
            f"{folder} has {free // 1_000_000} MB left; {needed * 2 // 1_000_000} MB are needed for the copy and its archive."
        )


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise BackupFailed(f"The database could not be copied: {error}.") from None
