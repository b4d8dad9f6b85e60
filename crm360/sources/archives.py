"""Archives unpacked within limits: a small file that would fill the disk is refused before it does."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, NamedTuple

MOST_FILES = 50
MOST_BYTES = 2 * 1024**3
#: Text shrinks to a tenth; nothing honest shrinks to a two-hundredth of some megabytes.
MOST_RATIO = 200
_RATIO_FROM = 16 * 1024**2
_MOST_XLSX_BYTES = 1024**3
_MOST_XLSX_TEXTS = 256 * 1024**2
_PIECE = 1024**2
_READ = (".csv", ".tsv", ".txt", ".vcf", ".xlsx", ".xlsm")


class BadArchive(ValueError):
    """The archive is damaged, locked, or unpacks to more than we take."""


class Member(NamedTuple):
    """An unpacked file under the name the archive gives it."""

    name: str
    path: Path


def unpack(archive: Path, folder: Path) -> list[Member]:
    """Unpack the files we can read into `folder`, by numbers, in the archive's order. Raises BadArchive."""
    try:
        with zipfile.ZipFile(archive) as packed:
            check(packed, most=MOST_BYTES)
            return list(_unpacked(packed, folder))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError) as error:
        raise BadArchive(f"The archive cannot be read: {error}") from None


def check(packed: zipfile.ZipFile, *, most: int) -> None:
    """Refuse an archive that unpacks to too much. Raises BadArchive."""
    members = packed.infolist()
    size, packed_size = sum(each.file_size for each in members), sum(each.compress_size for each in members)
    if size > most:
        raise BadArchive(f"It unpacks to {size // 1024**2:,} MB; at most {most // 1024**2:,} MB are read.")
    if size > _RATIO_FROM and size > MOST_RATIO * max(packed_size, 1):
        raise BadArchive("It unpacks to far more than any honest file.")


def check_spreadsheet(path: Path) -> None:
    """The same of an XLSX file, of which the table of texts is held in memory. Raises BadArchive."""
    try:
        with zipfile.ZipFile(path) as packed:
            check(packed, most=_MOST_XLSX_BYTES)
            texts = sum(each.file_size for each in packed.infolist() if each.filename.endswith("sharedStrings.xml"))
    except zipfile.BadZipFile as error:
        raise BadArchive(f"{path.name} is not a readable spreadsheet: {error}") from None
    if texts > _MOST_XLSX_TEXTS:
        raise BadArchive("Its texts are too large to be read. Save it as CSV.")


def _unpacked(packed: zipfile.ZipFile, folder: Path) -> Iterator[Member]:
    wanted = [each for each in packed.infolist() if not each.is_dir() and _is_ours(each.filename)]
    if not wanted:
        raise BadArchive(f"The archive holds no file we read ({', '.join(_READ)}).")
    if len(wanted) > MOST_FILES:
        raise BadArchive(f"The archive holds {len(wanted)} files; at most {MOST_FILES} are read.")
    for number, each in enumerate(wanted):
        name = PurePosixPath(each.filename.replace("\\", "/")).name
        path = folder / f"{number}{PurePosixPath(name).suffix.lower()}"
        with packed.open(each) as source, path.open("wb") as target:
            _copy(source, target, each.file_size)
        yield Member(name, path)


def _is_ours(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.suffix.lower() in _READ and "__MACOSX" not in path.parts and not path.name.startswith(".")


def _copy(source: IO[bytes], target: BinaryIO, size: int) -> None:
    """As much as the archive promised and no more."""
    while data := source.read(_PIECE):
        size -= len(data)
        if size < 0:
            raise BadArchive("The archive holds more than it says.")
        target.write(data)
