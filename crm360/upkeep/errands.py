"""Backups, checks and drills asked for on a page: one at a time, done by the worker, with how far it is.

What is asked, and how it went, are two small files in the folder of backups; a lock says whether somebody is at it, so
that a worker killed in the middle is not waited for.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from crm360.upkeep.errors import BackupUnderWay

Kind = Literal["create", "verify", "drill"]
State = Literal["waiting", "working", "interrupted", "done", "failed"]
_ASKED, _TOLD, _HELD = ".errand.asked", ".errand.json", ".errand.lock"


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked by whom, the step it is at, and what came of it. `about`: the name of the backup."""

    kind: Kind
    about: str
    by: str
    by_id: int
    asked_at: datetime
    step: str = ""
    done: int = 0
    total: int = 0
    ended_at: datetime | None = None
    ok: bool = False
    #: What went wrong: our own sentences, and a word of `runs.reason_of` for what nobody foresaw.
    faults: list[str] = []
    reason: str = ""


class Seen(NamedTuple):
    """The last errand and how it stands."""

    errand: Errand
    state: State


def ask(folder: Path, *, kind: Kind, about: str = "", by: str, by_id: int, now: datetime) -> None:
    """Let the worker do it. Raises BackupUnderWay while another waits or is at work."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    seen = last(folder)
    if seen is not None and seen.state in ("waiting", "working"):
        raise BackupUnderWay
    try:
        with (folder / _ASKED).open("xb") as file:
            file.write(msgspec.json.encode(Errand(kind=kind, about=about, by=by, by_id=by_id, asked_at=now)))
    except FileExistsError:
        raise BackupUnderWay from None


def waits(folder: Path) -> bool:
    """Whether something was asked and not begun."""
    return (folder / _ASKED).exists()


def last(folder: Path) -> Seen | None:
    """The one that waits, else the last that was begun."""
    if (asked := _read(folder / _ASKED)) is not None:
        return Seen(asked, "waiting")
    told = _read(folder / _TOLD)
    if told is None:
        return None
    if told.ended_at is not None:
        return Seen(told, "done" if told.ok else "failed")
    return Seen(told, "working" if _is_held(folder) else "interrupted")


@contextmanager
def taken(folder: Path) -> Iterator[Errand | None]:
    """The errand that waits, held as long as this lasts; None when none waits or another worker holds one."""
    with (folder / _HELD).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            (folder / _ASKED).replace(folder / _TOLD)
        except (BlockingIOError, FileNotFoundError):
            yield None  # somebody looks or works; the next look takes it
            return
        yield _read(folder / _TOLD)


def tell(folder: Path, errand: Errand) -> None:
    """Write down how far it is, or what came of it."""
    new = folder / f"{_TOLD}.new"
    new.write_bytes(msgspec.json.encode(errand))
    new.replace(folder / _TOLD)


def _is_held(folder: Path) -> bool:
    try:
        descriptor = os.open(folder / _HELD, os.O_RDONLY)
    except FileNotFoundError:
        return False  # a folder copied from elsewhere
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _read(file: Path) -> Errand | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Errand)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None  # nothing there, or written by another version
