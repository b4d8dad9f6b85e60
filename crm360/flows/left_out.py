"""Rows an import left out, as a file beside the imported one."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from crm360.flows.imports import Problem
from crm360.kernel.csvfile import BOM, safe_row

#: Columns an error file has before those of the list; a file put right and brought in again says nothing by them.
OURS = ("line", "reason")


class ErrorFile:
    """`FILE.errors.csv`: the original rows with line number and reason; made only when there is one."""

    def __init__(self, file: Path, headers: tuple[str, ...]):
        self.path = file.with_name(f"{file.name}.errors.csv")
        self.headers = headers
        self.rows = 0

    def write(self, problems: Iterable[Problem]) -> None:
        """Add rows."""
        problems = list(problems)
        if not problems:
            return
        with self.path.open("a" if self.rows else "w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            if not self.rows:
                stream.write(BOM)
                writer.writerow(safe_row((*OURS, *self.headers)))
            writer.writerows(safe_row((each.line_no, each.reason, *each.cells)) for each in problems)
        self.rows += len(problems)
