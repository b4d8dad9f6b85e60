"""Tables of people in files: CSV and Parquet in, profiles and pairs out."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from crm360.kernel.batches import chunked
from crm360.sources.text_encoding import guess_encoding

_DELIMITERS = ",;\t|"
_BATCH = 10_000
_ID_COLUMNS = ("record_id", "rec_id", "unique_id")


@dataclass(frozen=True, slots=True)
class People:
    """Cells by column, all columns of one length; `ids` name the rows."""

    cells: dict[str, Sequence[str | None]]
    ids: tuple[str, ...]


def read(file: Path, *, id_column: str = "") -> People:
    """The table in `file`; rows are named by `id_column`, else a column called record_id, else their number from 1.

    Raises click.ClickException when the file is no such table or two rows bear one name.
    """
    cells = _parquet(file) if file.suffix.lower() in (".parquet", ".pq") else _csv(file)
    rows = len(next(iter(cells.values()), ()))
    if not rows:
        raise click.ClickException(f"{file.name} holds no rows.")
    named = id_column or next((column for column in cells if column.strip().lower() in _ID_COLUMNS), "")
    ids = tuple((cell or "").strip() for cell in cells[named]) if named else tuple(map(str, range(1, rows + 1)))
    if named and (len(set(ids)) < rows or "" in ids):
        raise click.ClickException(
            f"Column {named!r} of {file.name} does not name every row once; --map {named}= leaves it out."
        )
    return People({column: values for column, values in cells.items() if column != named}, ids)


def _csv(file: Path) -> dict[str, Sequence[str | None]]:
    encoding = guess_encoding(file.read_bytes())
    with file.open(encoding=encoding, errors="replace", newline="") as stream:
        delimiter = max(_DELIMITERS, key=stream.readline().count)
        stream.seek(0)
        reader = csv.reader(stream, delimiter=delimiter, skipinitialspace=True)
        headers = next(reader, [])
        if not headers or len(set(headers)) < len(headers):
            raise click.ClickException(f"{file.name} needs a header with a different name for every column.")
        columns = _columns(file, filter(None, reader), len(headers))
    return dict(zip(headers, columns, strict=True)) if columns[0] else {}


def _columns(file: Path, rows: Iterable[list[str]], width: int) -> list[list[str | None]]:
    """Rows turned to columns a batch at a time; what a column says again is kept once."""
    columns: list[list[str | None]] = [[] for _ in range(width)]
    known: list[dict[str, str]] = [{} for _ in range(width)]
    line = 2
    for batch in chunked(rows, _BATCH):
        ragged = next((at for at, row in enumerate(batch, line) if len(row) != width), 0)
        if ragged:
            raise click.ClickException(f"Row {ragged} of {file.name} has not {width} cells as the header has.")
        for column, same, cells in zip(columns, known, zip(*batch, strict=True), strict=True):
            column.extend(map(same.setdefault, cells, cells))
        line += len(batch)
    return columns


def _parquet(file: Path) -> dict[str, Sequence[str | None]]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise click.ClickException(
            "Reading Parquet needs the package pyarrow; install it or give a CSV file."
        ) from None
    try:
        table = parquet.read_table(file)
    except (ArrowException, OSError) as error:
        raise click.ClickException(f"{file.name} is no Parquet file: {error}.") from None
    return {
        column: [None if cell is None else str(cell) for cell in table.column(column).to_pylist()]
        for column in table.column_names
        if not column.startswith("__index")
    }


def write(file: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A CSV file, complete or not there at all."""
    partial = file.with_name(f"{file.name}.part")
    with partial.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    partial.replace(file)
