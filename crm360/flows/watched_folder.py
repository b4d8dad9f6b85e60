"""The files of a watched folder: which are there, which have stopped growing, and where they go afterwards."""

from __future__ import annotations

import os
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path

from crm360.kernel.errors import Invalid

DONE, FAILED = "done", "failed"
#: What copying tools call a file until it is whole, and what an import leaves beside one.
_NOT_YET = ("*.part", "*.partial", "*.tmp", "*.filepart", "*.crdownload", "*.swp", "*~", "*.errors.csv")

#: Size and time of the last change: as long as they change, somebody writes.
Mark = list[int]


class RefusedFolder(Invalid):
    """The folder may not be watched, or is not there."""


def place(root: Path, path: str) -> Path:
    """The folder `path` below `root`. Raises RefusedFolder: nothing outside is ever read or moved."""
    base = root.resolve()
    try:
        found = (base / path).resolve()
    except (OSError, ValueError):
        raise RefusedFolder("That is no folder.") from None
    if not path.strip() or found == base or not found.is_relative_to(base):
        raise RefusedFolder("The folder must lie below IMPORT_ROOT.")
    if not found.is_dir():
        raise RefusedFolder(f"There is no folder {path!r} below IMPORT_ROOT.")
    return found


def look(folder: Path, pattern: str) -> dict[str, Mark]:
    """Files there are, by name. Links, hidden files and those not whole yet are left out."""
    found: dict[str, Mark] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name.lower()
            if name.startswith(".") or not fnmatch(name, pattern.lower() or "*"):
                continue
            if any(fnmatch(name, unfinished) for unfinished in _NOT_YET) or not entry.is_file(follow_symlinks=False):
                continue
            status = entry.stat(follow_symlinks=False)
            found[entry.name] = [status.st_size, status.st_mtime_ns]
    return dict(sorted(found.items()))


def settled(now: Mapping[str, Mark], before: Mapping[str, Mark]) -> list[str]:
    """Files that have not changed since the last look; an empty one may still be waiting for its first byte."""
    return [name for name, mark in now.items() if mark[0] and before.get(name) == mark]


def put_away(file: Path, outcome: str, *, reason: str = "") -> Path:
    """Move a file, and the rows left out of it, to done/ or failed/, the reason beside it; returns where it is now."""
    folder = file.parent / outcome
    folder.mkdir(exist_ok=True)
    target, number = folder / file.name, 1
    while target.exists():
        number += 1
        target = folder / f"{file.stem} ({number}){file.suffix}"
    if reason:
        target.with_name(f"{target.name}.reason.txt").write_text(f"{reason}\n", encoding="utf-8")
    left_out = file.with_name(f"{file.name}.errors.csv")
    if left_out.exists():
        left_out.replace(target.with_name(f"{target.name}.errors.csv"))
    return file.replace(target)
