"""Files taken in for an import: kept aside, looked at, and read row by row with what was put right in them."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, cast
from uuid import uuid4

from crm360.kernel.errors import Invalid
from crm360.sources import archives, cards, column_habits, columns, tabular
from crm360.sources.tabular import Row, RowProblem

_SAMPLE_ROWS = 1000
_SAMPLES_SHOWN = 5
IGNORED = "-"
_ZIPPED = ".zip"
_KNOWN = (".csv", ".tsv", ".txt", ".gz", ".vcf", ".vcard", ".xlsx", ".xlsm", ".zip")


class UnusableFile(Invalid):
    """The file cannot be imported as a whole; says why."""


class Part(NamedTuple):
    """A file of an import: its own name, under which name it is kept, and what its name says of everybody in it."""

    name: str
    stored: str
    list_state: str


class Looked(NamedTuple):
    """What a first look found: every column with a few of its values, and how the file writes things."""

    headers: tuple[str, ...]
    samples: dict[str, list[str]]
    encoding: str
    delimiter: str


class Read(NamedTuple):
    """A row as read: cells by column, or None with the reason; `raw` as in the file where that is something else."""

    part: int
    line_no: int
    cells: Mapping[str, str] | None
    reason: str
    raw: Mapping[str, str] | Sequence[str]


def keep(path: Path, *, name: str, folder: Path) -> list[Part]:
    """Copy a file into `folder`, an archive's files each; the name it came under tells its kind. Raises UnusableFile."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    suffix = "".join(Path(name).suffixes[-2:]).lower() if name.lower().endswith(".gz") else Path(name).suffix.lower()
    if not suffix.endswith(_KNOWN):
        raise UnusableFile(f"{name}: neither CSV, XLSX, vCard nor an archive (zip) of these.")
    if suffix != _ZIPPED:
        return [_kept(path, name, suffix, folder)]
    with TemporaryDirectory(prefix="crm360-unpacked-", dir=folder) as unpacked:
        try:
            members = archives.unpack(path, Path(unpacked))
        except archives.BadArchive as error:
            raise UnusableFile(f"{name}: {error}") from None
        return [_kept(each.path, each.name, Path(each.name).suffix.lower(), folder) for each in members]


def look(parts: Sequence[Part], folder: Path) -> Looked:
    """Every column of the parts, and five different values of each. Raises UnusableFile."""
    headers: dict[str, None] = {}
    samples: dict[str, dict[str, None]] = {}
    encoding = delimiter = ""
    for part in parts:
        try:
            table = tabular.open_table(folder / part.stored)
            rows = cast("Generator[Row | RowProblem]", table.rows)
            with closing(rows):
                sampled = [row.cells for row in islice(rows, _SAMPLE_ROWS) if isinstance(row, Row)]
        except (ValueError, OSError) as error:
            raise UnusableFile(f"{part.name}: {error}") from None
        headers |= dict.fromkeys(table.headers)
        encoding, delimiter = table.encoding, table.delimiter
        for header in table.headers:
            seen = samples.setdefault(header, {})
            for cells in sampled:
                if len(seen) < _SAMPLES_SHOWN and (value := cells[header].strip()):
                    seen[value[:200]] = None
    return Looked(tuple(headers), {header: list(seen) for header, seen in samples.items()}, encoding, delimiter)


def habits(parts: Sequence[Part], folder: Path, mapping: Mapping[str, str]) -> dict[str, str]:
    """The decimal sign, the order of dates and the length of card numbers ("0": not told), judged from the first rows of
    each part.
    """
    mapped: list[dict[str, str]] = []
    fields = {header: field for header, field in mapping.items() if field not in ("", IGNORED)}
    for number, _ in enumerate(parts):
        with closing(rows(parts[number : number + 1], folder)) as some:
            mapped += [columns.mapped(each.cells, fields) for each in islice(some, _SAMPLE_ROWS) if each.cells]
    return {
        "decimal": column_habits.decimal_sign(mapped),
        "date_order": column_habits.date_order(mapped),
        "card_digits": str(cards.digits_of(row["card_no"] for row in mapped if "card_no" in row)),
    }


def rows(parts: Sequence[Part], folder: Path, fixes: Mapping[str, Any] | None = None) -> Generator[Read, None, None]:
    """Every row of every part, from the start, with fixes ({"cells": …, "values": …}) in place. Raises UnusableFile."""
    cells, values = (dict((fixes or {}).get(name, {})) for name in ("cells", "values"))
    for number, part in enumerate(parts):
        try:
            with tabular.open_table(folder / part.stored) as table:
                for row in table.rows:
                    if isinstance(row, RowProblem):
                        own = cells.get(f"{number}:{row.line_no}")
                        mended = _made_whole(table.headers, row.cells, own) if own else None
                        yield Read(number, row.line_no, mended, "" if own else row.reason, row.cells)
                    elif cells or values:
                        mended = _mended(row.cells, cells.get(f"{number}:{row.line_no}", {}), values)
                        yield Read(number, row.line_no, mended, "", row.cells)
                    else:
                        yield Read(number, row.line_no, row.cells, "", ())
        except (ValueError, OSError) as error:
            raise UnusableFile(f"{part.name}: {error}") from None


def raw_cells(read: Read, headers: Sequence[str]) -> list[str]:
    """The row as in the file, in the order of the columns; a row that has not as many cells as it comes."""
    if read.cells is None:
        return list(read.raw)
    written = read.raw if isinstance(read.raw, Mapping) else read.cells
    return [written.get(header, "") for header in headers]


def _mended(row: Mapping[str, str], own: Mapping[str, str], values: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    mended = {header: values[header].get(text, text) if header in values else text for header, text in row.items()}
    return mended | {header: text for header, text in own.items() if header in mended}


def _made_whole(headers: Sequence[str], cells: Sequence[str], own: Mapping[str, str]) -> dict[str, str]:
    """A row that had too few cells or too many, as somebody put it right."""
    written = dict(zip(headers, cells, strict=False))
    return {header: own.get(header, written.get(header, "")) for header in headers}


def _kept(path: Path, name: str, suffix: str, folder: Path) -> Part:
    stored = f"{uuid4().hex}{suffix}"
    try:
        with path.open("rb") as source, (folder / stored).open("xb") as target:
            (folder / stored).chmod(0o600)
            shutil.copyfileobj(source, target, 1024**2)
    except OSError as error:
        raise UnusableFile(f"{name}: {error.strerror}.") from None
    return Part(name, stored, list_state(name))


def list_state(name: str) -> str:
    """Mailing-list exports say in the file's name what is true of everybody in it."""
    state = name.partition("_")[0].lower()
    return state if state in ("subscribed", "unsubscribed", "cleaned") else ""


def remove(stored: Sequence[str], folder: Path) -> None:
    """Delete kept files; one that is gone already is no trouble."""
    for name in stored:
        (folder / name).unlink(missing_ok=True)
