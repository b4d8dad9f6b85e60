"""A database as backups see it: copied while it is written to, filled beside its place, exchanged in one step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

from crm360.upkeep.manifest import Manifest

#: Told how much of how much is done.
Progress = Callable[[int, int], None]


class Taken(NamedTuple):
    """What a copy holds, seen in its own snapshot."""

    migration: str
    rows: dict[str, int]
    roles: list[str]


class Store(Protocol):
    """What `SqliteStore` and `PostgresqlStore` can both do. Each raises BackupFailed or CannotRestore in words."""

    dialect: str

    def version(self) -> str:
        """Of the database program."""

    def take(self, target: Path, tell: Progress) -> Taken:
        """A consistent copy of everything committed, while others write."""

    def count(self, url: str) -> dict[str, int]:
        """Table → rows of the database at `url`."""

    def is_empty(self) -> bool:
        """Whether nothing of ours is in it, or it is not there."""

    def user(self) -> str:
        """Who has it open, in words; "" when nobody does."""

    def beside(self, label: str, stamp: str) -> str:
        """The address of a place beside it, made empty."""

    def fill(self, url: str, dump: Path, manifest: Manifest) -> list[str]:
        """Load a copy into such a place; what could not be taken over, in words."""

    def check(self, url: str) -> list[str]:
        """Faults the database program itself finds."""

    def discard(self, url: str) -> None:
        """Remove such a place."""

    def exchange(self, url: str, stamp: str) -> str:
        """Put such a place where the database is; returns the name the old one is kept under, "" when there was none."""

    def tidy(self, label: str) -> None:
        """Remove places of this label that a killed process left."""


def open_store(url: str) -> Store:
    """The store for an address of `DATABASE_URL`."""
    if url.startswith("sqlite"):
        from crm360.upkeep.sqlite_store import SqliteStore

        return SqliteStore(url)
    from crm360.upkeep.postgresql_store import PostgresqlStore

    return PostgresqlStore(url)
