"""Tables out of files: CSV and TSV in any usual encoding and delimiter, gzipped too, and XLSX; one row in memory."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from crm360.sources.text_encoding import guess_encoding

_SAMPLE_BYTES = 256 * 1024
_DELIMITERS = ",;\t|"
#: Longer than any address or note; a lost quote must not swallow the rest of the file into one cell.
_LONGEST_LINE = 1_000_000
_XLSX = (".xlsx", ".xlsm")


class UnreadableTable(ValueError):
    """The file as a whole is no table: empty, no header, or of a kind we do not read."""


class Row(NamedTuple):
    """`line_no` is where the row ends in the file, counted from 1, header included."""

    line_no: int
    cells: dict[str, str]


class RowProblem(NamedTuple):
    """A row that cannot be taken, with the reason and its cells as they were."""

    line_no: int
    reason: str
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` can be run through once; the file closes at its end. `delimiter` is "" for XLSX."""

    headers: tuple[str, ...]
    rows: Iterator[Row | RowProblem]
    encoding: str
    delimiter: str


def open_table(path: Path) -> Table:
    """Raises UnreadableTable for a file without a header, OSError as `open` does."""
    if path.suffix.lower() in _XLSX:
        from crm360.sources.tabular_xlsx import spreadsheet_rows

        table = _table(spreadsheet_rows(path))
        return Table(table[0], table[1], "utf-8", "")
    stream = _opened(path)
    try:
        sample = stream.read(_SAMPLE_BYTES)
        encoding = guess_encoding(sample)
        stream.seek(0)
        lines = _lines(stream, encoding)
        delimiter, lines = _delimiter(sample, encoding, lines)
        headers, rows = _table(_records(lines, delimiter))
    except BaseException:
        stream.close()
        raise
    return Table(headers, _closing(rows, stream), encoding, delimiter)


def _opened(path: Path) -> BinaryIO:
    stream = path.open("rb")
    zipped = stream.read(2) == b"\x1f\x8b"
    stream.seek(0)
    if not zipped:
        return stream
    stream.close()
    return io.BufferedReader(gzip.open(path, "rb"))  # type: ignore[arg-type]


def _closing(rows: Iterator[Row | RowProblem], stream: BinaryIO) -> Iterator[Row | RowProblem]:
    with stream:
        yield from rows


class _Bad(str):
    """A line that is not in the file's encoding, read as far as possible."""


def _lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Lines with their ends. NUL characters are dropped; bytes that do not fit the encoding mark their line bad."""
    if encoding.startswith(("utf-16", "utf-32")):
        text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
    else:
        # Undecodable bytes come through as lone surrogates, which no valid text contains.
        text = io.TextIOWrapper(stream, encoding, errors="surrogateescape", newline="")
    while line := text.readline(_LONGEST_LINE):
        if "\x00" in line:
            line = line.replace("\x00", "")
        yield line if line.isascii() else _checked(line)


def _checked(line: str) -> str:
    if "�" in line or any("\udc80" <= letter <= "\udcff" for letter in line):
        return _Bad("".join("�" if "\udc80" <= letter <= "\udcff" else letter for letter in line))
    return line


def _delimiter(sample: bytes, encoding: str, lines: Iterator[str]) -> tuple[str, Iterator[str]]:
    """What `sep=;` in the first line says, else the likeliest; and the lines after that remark."""
    first = next(lines, "")
    remark = first.strip().strip('"').lower()
    if remark.startswith("sep=") and len(first.strip().strip('"')) <= 5:
        return (first.strip().strip('"')[4:] or "\t"), lines
    return likely_delimiter(sample.decode(encoding, "replace")), _chained(first, lines)


def _chained(first: str, lines: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from lines


def likely_delimiter(sample: str) -> str:
    """The delimiter that parts the sample's first lines into the same number of cells, the more cells the better."""
    lines = sample.splitlines(keepends=True)[:50]
    if len(lines) > 1 and len(sample) >= _SAMPLE_BYTES // 4:
        lines = lines[:-1]

    def regularity(delimiter: str) -> tuple[float, int]:
        counts = [len(record) for record in csv.reader(lines, delimiter=delimiter) if record]
        if not counts or counts[0] < 2:
            return 0.0, 0
        return counts.count(counts[0]) / len(counts), counts[0]

    try:
        return max(_DELIMITERS, key=regularity)
    except csv.Error:
        return max(_DELIMITERS, key=lines[0].count) if lines else ","


def _records(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    """(line number, cells, what is wrong with them or "")."""
    bad: list[int] = []
    count = 0

    def watched() -> Iterator[str]:
        nonlocal count
        for line in lines:
            count += 1
            if isinstance(line, _Bad):
                bad.append(count)
            yield line

    reader = csv.reader(watched(), delimiter=delimiter)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield count, [], f"not readable as CSV: {error}"
            continue
        reason = "a character that is not in the file's encoding" if bad else ""
        bad.clear()
        yield count, cells, reason


def _table(records: Iterator[tuple[int, list[str], str]]) -> tuple[tuple[str, ...], Iterator[Row | RowProblem]]:
    for _, cells, _ in records:
        if any(cell.strip() for cell in cells):
            headers = _distinct(cells)
            return headers, _rows(headers, records)
    raise UnreadableTable("The file is empty: it has no header row.")


def _distinct(cells: Sequence[str]) -> tuple[str, ...]:
    """Header names, nameless columns numbered, repeated names too ("Phone", "Phone (2)")."""
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    headers: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = cell.strip().lstrip("\ufeff").strip() or f"column {number}"
        bare, repeat = name, 1
        while name in headers:
            repeat += 1
            name = f"{bare} ({repeat})"
        headers.append(name)
    return tuple(headers)


def _rows(headers: tuple[str, ...], records: Iterator[tuple[int, list[str], str]]) -> Iterator[Row | RowProblem]:
    width = len(headers)
    for line_no, cells, reason in records:
        if reason:
            yield RowProblem(line_no, reason, cells)
        elif len(cells) == width:
            # Spreadsheets keep rows that were emptied: nothing in them, nothing lost.
            if any(cells):
                yield Row(line_no, dict(zip(headers, cells, strict=True)))
        elif any(cell.strip() for cell in cells):
            spare = cells[width:]
            if len(cells) > width and not any(cell.strip() for cell in spare):
                yield Row(line_no, dict(zip(headers, cells, strict=False)))
            else:
                yield RowProblem(line_no, f"{len(cells)} cells where the header has {width}", cells)
