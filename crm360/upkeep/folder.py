"""The folder of backups: what is there, who is at work in it, what goes after its time, and what drills proved."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from crm360.kernel import durable
from crm360.upkeep import archive
from crm360.upkeep.errors import BackupUnderWay, DamagedBackup, NoSuchBackup
from crm360.upkeep.manifest import Manifest

NAME = re.compile(r"crm360-\d{8}T\d{6}Z(?:-\d+)?")
_LOCK, _DRILLS, _CHECKS, _PART = ".lock", "drills.jsonl", "checks.jsonl", ".part"
_KEPT = 200


class Backup(NamedTuple):
    """One file. `manifest` is None when the file cannot be read."""

    name: str
    file: Path
    bytes: int
    manifest: Manifest | None

    @property
    def made_at(self) -> datetime:
        """By its name: known of a damaged one, too."""
        return datetime.strptime(self.name[7:23], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """What a drill proved of a backup, and what it did not. `proved`: what → the finding, in words."""

    backup: str
    at: datetime
    by: str
    seconds: float
    ok: bool
    proved: dict[str, str]
    faults: list[str]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at every hash, and at the database inside, found of a backup."""

    backup: str
    at: datetime
    by: str
    faults: list[str]


Found = TypeVar("Found", Drill, Check)


def all_backups(folder: Path) -> list[Backup]:
    """Every backup, the latest first. Half-made ones have no name yet and are not among them."""
    return [_backup(file) for file in sorted(_files(folder), key=_order, reverse=True)]


def latest_moment(folder: Path) -> datetime | None:
    """When the latest backup was made, by its name alone; None when there is none."""
    return max((Backup(file.stem, file, 0, None).made_at for file in _files(folder)), default=None)


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.glob("crm360-*.zip") if NAME.fullmatch(file.stem)]


def _order(file: Path) -> tuple[str, int]:
    return file.stem[:23], int(file.stem[24:] or 0)


def _backup(file: Path) -> Backup:
    try:
        told = archive.read_manifest(file)
    except DamagedBackup:
        told = None
    return Backup(file.stem, file, file.stat().st_size, told)


def find(folder: Path, name: str) -> Backup:
    """A backup by its name, or by the path of its file anywhere; the latest for "". Raises NoSuchBackup."""
    if not name:
        there = all_backups(folder)
        if not there:
            raise NoSuchBackup("yet")
        return there[0]
    stem = name.removesuffix(".zip")
    if NAME.fullmatch(stem):
        inside = folder / f"{stem}.zip"
        if inside.is_file():
            return _backup(inside)
    elsewhere = Path(name)
    if os.sep in name and elsewhere.is_file():
        return _backup(elsewhere)
    raise NoSuchBackup(name)


def here(folder: Path, name: str) -> Backup:
    """A backup of the folder by its exact name: nothing a visitor types leads elsewhere. Raises NoSuchBackup."""
    if not NAME.fullmatch(name) or not (folder / f"{name}.zip").is_file():
        raise NoSuchBackup(name)
    return _backup(folder / f"{name}.zip")


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """One process at a time; whatever a killed one left half made goes first. Raises BackupUnderWay."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BackupUnderWay from None
        for left in folder.glob(f"*{_PART}"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        yield


@contextmanager
def workshop(folder: Path, name: str) -> Iterator[Path]:
    """A folder for what is not ready, gone afterwards."""
    inside = folder / f"{name}{_PART}"
    inside.mkdir(mode=0o700)
    try:
        yield inside
    finally:
        shutil.rmtree(inside, ignore_errors=True)


def new_name(folder: Path, now: datetime) -> str:
    """A name nobody has yet, by which backups sort."""
    stem, number = f"crm360-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}", 1
    name = stem
    while (folder / f"{name}.zip").exists():
        number += 1
        name = f"{stem}-{number}"
    return name


def settle(made: Path, folder: Path, name: str) -> Path:
    """Give a finished file its name; both are on the disk when this returns."""
    target = folder / f"{name}.zip"
    made.rename(target)
    durable.sync(folder)
    return target


def prune(folder: Path, *, keep: int, days: int, now: datetime) -> list[str]:
    """Delete all but the latest `keep`, and whatever is older than `days`: the erased must not live on in old backups.

    The latest readable one stays whatever its age. Returns the names of those that went.
    """
    there = all_backups(folder)
    spared = next((each.name for each in there if each.manifest is not None), "")
    oldest = now - timedelta(days=days)
    gone = [
        each
        for place, each in enumerate(there)
        if each.name != spared and (place >= keep or each.made_at < oldest)
    ]  # fmt: skip
    for each in gone:
        each.file.unlink()
    if gone:
        durable.sync(folder)
    return [each.name for each in gone]


def drills(folder: Path) -> list[Drill]:
    """What drills found, the latest first."""
    return _told(folder / _DRILLS, Drill)


def record_drill(folder: Path, drill: Drill) -> None:
    """Remember a drill."""
    _remember(folder / _DRILLS, [drill, *drills(folder)])


def checks(folder: Path) -> list[Check]:
    """What checks found, the latest first."""
    return _told(folder / _CHECKS, Check)


def record_check(folder: Path, check: Check) -> None:
    """Remember a check."""
    _remember(folder / _CHECKS, [check, *checks(folder)])


def _told(file: Path, kind: type[Found]) -> list[Found]:
    try:
        lines = file.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            found.append(msgspec.json.decode(line, type=kind))
        except msgspec.MsgspecError:
            continue  # cut short by a crash
    return found[::-1]


def _remember(file: Path, found: Sequence[msgspec.Struct]) -> None:
    part = file.with_name(f"{file.name}{_PART}")
    part.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in reversed(found[:_KEPT])))
    part.replace(file)
