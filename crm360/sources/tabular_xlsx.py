"""Spreadsheets (XLSX): the first sheet's rows as texts, in the notation our readers expect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from crm360.sources import archives


def spreadsheet_rows(path: Path) -> Generator[tuple[int, list[str]], None, None]:
    """(row number, cells). Dates come out as ISO, whole numbers without ".0". One row in memory.

    Raises ValueError when the file is no spreadsheet.
    """
    archives.check_spreadsheet(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError) as error:
        raise ValueError(f"{path.name} is not a readable spreadsheet: {error}") from None
    try:
        if not book.worksheets:
            return
        sheet = book.worksheets[0]
        # What some writers claim about a sheet's size is wrong and would cut rows short.
        sheet.reset_dimensions()
        width = 0
        for row_no, values in enumerate(sheet.iter_rows(values_only=True), 1):
            cells = [_text(value) for value in values]
            width = width or len(cells)
            yield row_no, cells + [""] * (width - len(cells))
    finally:
        book.close()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)
