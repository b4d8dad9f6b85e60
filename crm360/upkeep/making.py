"""A backup is made, and one is looked at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from crm360 import __version__
from crm360.kernel import notes
from crm360.upkeep import archive, folder, manifest
from crm360.upkeep.folder import Backup
from crm360.upkeep.manifest import Keys, Manifest, Member
from crm360.upkeep.stores import Store, open_store

#: The folder of the archive with what was uploaded: files of imports that can still go on or be taken back.
FILES = "files/"
UPLOADS = "imports"


class Place(Keys, Protocol):
    """The settings backups go by."""

    @property
    def database_url(self) -> str: ...

    @property
    def instance_dir(self) -> Path: ...

    @property
    def backup_dir(self) -> Path: ...

    @property
    def backup_keep(self) -> int: ...

    @property
    def backup_keep_days(self) -> int: ...


class Step(NamedTuple):
    """How far something is: the name of the step, and how much of how much of it is done."""

    name: str
    done: int
    total: int


Tell = Callable[[Step], None]


def silent(_step: Step) -> None:
    """Nobody is told."""


class Report(NamedTuple):
    """What a look at a backup found."""

    name: str
    manifest: Manifest
    signed: bool
    faults: list[str]
    #: What a restore here would mean, because keys differ.
    remarks: list[str]


def create(
    *, place: Place, by: str, signer: notes.Signer, now: datetime, tell: Tell = silent
) -> tuple[Backup, list[str]]:
    """Make a backup, then delete those whose time is over; returns it and the names of those that went."""
    target, store = place.backup_dir, open_store(place.database_url)
    with folder.at_work(target):
        name = folder.new_name(target, now)
        with folder.workshop(target, name) as inside:
            database = inside / manifest.DATABASE_MEMBERS[store.dialect]
            taken = store.take(database, lambda done, total: tell(Step("copy", done, total)))
            members = {database.name: database, **uploads(place.instance_dir)}
            count = _Counting("pack", sum(file.stat().st_size for file in members.values()), tell)

            def made(listed: dict[str, Member]) -> Manifest:
                return Manifest(
                    format=manifest.FORMAT, name=name, made_at=now, made_by=by, version=__version__, dialect=store.dialect,
                    database_version=store.version(), migration=taken.migration, rows=taken.rows, members=listed,
                    keys=manifest.fingerprints(place), roles=taken.roles, left_out=manifest.LEFT_OUT,
                )  # fmt: skip

            packed = inside / "archive.zip"
            archive.write(packed, members, made, signer, count.add)
            finished = folder.settle(packed, target, name)
        gone = folder.prune(target, keep=place.backup_keep, days=place.backup_keep_days, now=now)
    return folder.find(target, finished.stem), gone


def uploads(instance_dir: Path) -> dict[str, Path]:
    """Name in the archive → file: what imports that are not over yet would miss."""
    below = instance_dir / UPLOADS
    found = sorted(file for file in below.rglob("*") if file.is_file()) if below.is_dir() else []
    return {f"{FILES}{UPLOADS}/{file.relative_to(below).as_posix()}": file for file in found if file.suffix != ".part"}


def verify(*, backup: Backup, place: Place, verifier: str, tell: Tell = silent) -> Report:
    """Read it to its end, compare hashes, open the database in it. Raises DamagedBackup when it is no backup at all."""
    told = archive.read_manifest(backup.file)
    count = _Counting("read", sum(member.bytes for member in told.members.values()), tell)
    faults = archive.check(backup.file, told, count.add)
    if not faults:
        with folder.at_work(place.backup_dir), folder.workshop(place.backup_dir, f"verify-{backup.name}") as inside:
            copy = inside / told.database
            archive.extract(backup.file, told, told.database, copy)
            tell(Step("open", 0, 1))
            faults = opened(told, copy)
    remarks = manifest.consequences(manifest.missing_keys(told, place))
    return Report(backup.name, told, archive.is_signed(backup.file, verifier), faults, remarks)


def opened(told: Manifest, copy: Path) -> list[str]:
    """Faults of the database in a backup, taken out to `copy`."""
    if told.dialect == "postgresql":
        from crm360.upkeep.postgresql_store import unreadable

        return [complaint] if (complaint := unreadable(copy)) else []
    store: Store = open_store(f"sqlite:///{copy}")
    return store.check(f"sqlite:///{copy}") or differing(told.rows, store.count(f"sqlite:///{copy}"))


def differing(promised: dict[str, int], found: dict[str, int]) -> list[str]:
    """Tables that hold another number of rows than the manifest says."""
    return [
        f"{table} has {found.get(table, 0)} rows, the manifest says {promised.get(table, 0)}"
        for table in sorted({*promised, *found})
        if promised.get(table, 0) != found.get(table, 0)
    ]


class _Counting:
    """Adds up bytes for somebody who is told of steps."""

    def __init__(self, name: str, total: int, tell: Tell) -> None:
        self.name, self.total, self.tell, self.done = name, total, tell, 0

    def add(self, count: int) -> None:
        self.done += count
        self.tell(Step(self.name, self.done, self.total))
