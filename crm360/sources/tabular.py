"""Tables out of files: CSV and TSV in any usual encoding and delimiter, gzipped too, and XLSX; one row in memory."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from crm360.sources.tabular_lines import BadLine, text_lines
from crm360.sources.text_encoding import guess_encoding

_SAMPLE_BYTES = 256 * 1024
_DELIMITERS = ",;\t|"
#: What Python's reader takes of one cell.
_LONGEST_CELL = csv.field_size_limit()
_LOST_QUOTE = "a quotation mark without its partner"
_XLSX = (".xlsx", ".xlsm")
_CARDS = (".vcf", ".vcard", ".vcf.gz")


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


class Record(NamedTuple):
    """One record as parsed, what is wrong with it or "", and the lines it came from (none for XLSX)."""

    line_no: int
    cells: list[str]
    reason: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` can be run through once. The file closes at their end, or with the `with` block before it.

    `delimiter` is "" for XLSX.
    """

    headers: tuple[str, ...]
    rows: Iterator[Row | RowProblem]
    encoding: str
    delimiter: str
    close: Callable[[], None]

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()


def open_table(path: Path) -> Table:
    """Raises UnreadableTable for a file that is no table, OSError as `open` does."""
    if path.suffix.lower() in _XLSX:
        return _spreadsheet(path)
    if path.name.lower().endswith(_CARDS):
        from crm360.sources import vcard  # it is read as a table, too

        return vcard.open_cards(path)
    stream = opened(path)
    try:
        sample = stream.read(_SAMPLE_BYTES)
        stream.seek(0)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        stream.close()
        raise UnreadableTable("The compressed file is damaged or was not copied whole.") from None
    encoding = guess_encoding(sample, cut=len(sample) == _SAMPLE_BYTES)
    # Undecodable bytes come through as lone surrogates, which no valid text contains.
    errors = "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    text = io.TextIOWrapper(stream, encoding, errors=errors, newline="")
    try:
        delimiter, lines, skipped = _delimiter(sample, encoding, text_lines(text, undecided=sample.isascii()))
        headers, rows = _table(_records(lines, delimiter, skipped), delimiter)
    except BaseException:
        text.close()
        raise
    return Table(headers, _closing(rows, text), encoding, delimiter, text.close)


def _spreadsheet(path: Path) -> Table:
    # Half a second of import that no CSV file should wait for.
    from crm360.sources.tabular_xlsx import spreadsheet_rows

    found = spreadsheet_rows(path)
    try:
        headers, rows = _table((Record(line_no, cells, "", ()) for line_no, cells in found), "")
    except BaseException:
        found.close()
        raise
    return Table(headers, rows, "utf-8", "", found.close)


def opened(path: Path) -> BinaryIO:
    """The file's content, unpacked when it is gzipped."""
    stream = path.open("rb")
    zipped = stream.read(2) == b"\x1f\x8b"
    stream.seek(0)
    if not zipped:
        return stream
    stream.close()
    return io.BufferedReader(gzip.open(path, "rb"))


def _closing(rows: Iterator[Row | RowProblem], text: io.TextIOWrapper) -> Iterator[Row | RowProblem]:
    with text:
        yield from rows


def _delimiter(sample: bytes, encoding: str, lines: Iterator[str]) -> tuple[str, Iterator[str], int]:
    """What `sep=;` in the first line says, else the likeliest; the lines of the table; how many came before it."""
    first = next(lines, "")
    remark = first.strip().strip('"').lower()
    if remark.startswith("sep=") and len(first.strip().strip('"')) <= 5:
        return (first.strip().strip('"')[4:] or "\t"), lines, 1
    return likely_delimiter(sample.decode(encoding, "replace")), _chained(first, lines), 0


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


def _records(lines: Iterable[str], delimiter: str, count: int) -> Iterator[Record]:
    """Records of the lines after the first `count` of the file."""
    rest = iter(lines)
    taken: list[str] = []

    def watched() -> Iterator[str]:
        """The line at hand, and those its quotation marks tie to it."""
        yield line
        for more in rest:
            taken.append(more)
            yield more

    for line in rest:
        if type(line) is str and '"' not in line and len(line) < _LONGEST_CELL and len(delimiter) == 1:
            count += 1
            bare = line.rstrip("\r\n")
            yield Record(count, bare.split(delimiter) if bare else [], "", (line,))
            continue
        taken = [line]
        cells, reason = _read(csv.reader(watched(), delimiter=delimiter), taken)
        count += len(taken)
        if len(taken) > 1 and sum(each.count('"') for each in taken) % 2:
            reason = reason or _LOST_QUOTE
        reason = next((each.reason for each in taken if isinstance(each, BadLine)), reason)
        yield Record(count, cells, reason, tuple(taken))


def _read(reader: Iterator[list[str]], taken: list[str]) -> tuple[list[str], str]:
    """The cells of one record, and what is wrong with them or ""; `taken`: the lines read for it."""
    try:
        return next(reader), ""
    except csv.Error as error:
        return [line.rstrip("\r\n") for line in taken], f"not readable as CSV: {error}"


def _alone(record: Record, delimiter: str) -> Iterator[Record]:
    """The lines of a record that makes no sense as one, each by itself: a lost quote has tied them together."""
    first = record.line_no - len(record.lines) + 1
    for line_no, line in enumerate(record.lines, first):
        try:
            cells = next(csv.reader([line], delimiter=delimiter), [])
            reason = line.reason if isinstance(line, BadLine) else ""
        except csv.Error as error:
            cells, reason = [line], f"not readable as CSV: {error}"
        if '"' in line and line.count('"') % 2:
            reason = reason or _LOST_QUOTE
        yield Record(line_no, cells, reason, (line,))


def _table(records: Iterator[Record], delimiter: str) -> tuple[tuple[str, ...], Iterator[Row | RowProblem]]:
    for record in records:
        if any(cell.strip() for cell in record.cells):
            headers = _distinct(record.cells)
            return headers, _rows(headers, records, delimiter)
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


def _rows(headers: tuple[str, ...], records: Iterable[Record], delimiter: str) -> Iterator[Row | RowProblem]:
    for record in records:
        taken = _row(headers, record)
        if isinstance(taken, RowProblem) and len(record.lines) > 1:
            yield from _rows(headers, _alone(record, delimiter), delimiter)
        elif taken is not None:
            yield taken


def _row(headers: tuple[str, ...], record: Record) -> Row | RowProblem | None:
    """None for an empty row: spreadsheets keep rows that were emptied."""
    cells, width = record.cells, len(headers)
    if record.reason:
        return RowProblem(record.line_no, record.reason, cells)
    if len(cells) == width:
        return Row(record.line_no, dict(zip(headers, cells, strict=True))) if any(cells) else None
    if not any(cell.strip() for cell in cells):
        return None
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return Row(record.line_no, dict(zip(headers, cells, strict=False)))
    return RowProblem(record.line_no, f"{len(cells)} cells where the header has {width}", cells)
