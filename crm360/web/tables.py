"""Tables handed out as files: CSV a spreadsheet opens, and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response

from crm360.kernel.csvfile import safe_row


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]], *, name: str) -> Response:
    """A CSV file in UTF-8 with a byte order mark, as spreadsheets read Polish letters by."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(safe_row("" if cell is None else cell for cell in row) for row in rows)
    return _file("\ufeff" + text.getvalue(), "text/csv; charset=utf-8", f"{name}.csv")


def as_json(value: Any, *, name: str) -> Response:
    """A JSON file."""
    return _file(
        json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n", "application/json", f"{name}.json"
    )


def as_zip(raw: bytes, *, name: str) -> Response:
    """A zip file."""
    return _file(raw, "application/zip", f"{name}.zip")


def _file(content: str | bytes, kind: str, name: str) -> Response:
    answer = Response(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
