"""CSV we write for spreadsheets: no cell of ours is taken for a formula."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

#: Before the first row: without it Excel reads the letters of another code page.
BOM = "\ufeff"
#: What a spreadsheet takes for the beginning of a formula.
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")


def safe(cell: Any) -> str:
    """The cell's text, with an apostrophe before whatever could be taken for a formula; our own reader drops it.

    A number of ours is none, below nought neither.
    """
    text = str(cell)
    if isinstance(cell, int | float):
        return text
    return f"'{text}" if text.startswith(_BEGINNINGS) else text


def safe_row(cells: Iterable[Any]) -> list[str]:
    """A row of such cells."""
    return [safe(cell) for cell in cells]
