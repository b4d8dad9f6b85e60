"""Reviews out of a file: every row a payload of its own in the inbox; rows nobody could read are told with their reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from crm360.inbox import operations as inbox
from crm360.inbox.operations import NewPayload, content_key
from crm360.kernel.batches import chunked
from crm360.kernel.errors import Invalid
from crm360.sources import reviews_csv, tabular
from crm360.sources.base import Payload, Unreadable

MOST_ROWS = 20_000
_AT_ONCE = 500


class UnusableFile(Invalid):
    """The file as a whole tells of no reviews."""


class Refused(NamedTuple):
    """A row that was left out, by its line in the file."""

    line_no: int
    reason: str


class Taken(NamedTuple):
    """New rows, rows that were there already, and those left out."""

    new: int
    repeated: int
    refused: list[Refused]


def take(path: Path, *, source: str, timezone: str, now: datetime) -> Taken:
    """Keep every readable row; the inbox does the rest within seconds. Raises UnusableFile, UnusableSource."""
    refused: list[Refused] = []
    try:
        with tabular.open_table(path) as table:
            fields = reviews_csv.mapping(table.headers)
            if not {"rating", "body"} & set(fields.values()):
                raise UnusableFile("The file has no column of stars and none of words.")
            items = list(_items(table, fields, timezone, source, now, refused))
    except tabular.UnreadableTable as error:
        raise UnusableFile(str(error)) from None
    inlet = inbox.ensure_source(name=source, channel=reviews_csv.CHANNEL, now=now)
    if inlet.channel != reviews_csv.CHANNEL:
        raise UnusableFile("This name belongs to another kind of source.")
    new = repeated = 0
    for chunk in chunked(items, _AT_ONCE):
        kept = inbox.keep(source_id=inlet.id, channel=reviews_csv.CHANNEL, items=chunk, now=now)
        new, repeated = new + kept.new, repeated + kept.repeated
    return Taken(new, repeated, refused)


def _items(
    table: tabular.Table, fields: dict[str, str], timezone: str, source: str, now: datetime, refused: list[Refused]
) -> Iterator[NewPayload]:
    for number, row in enumerate(table.rows):
        if number >= MOST_ROWS:
            raise UnusableFile("A file may hold at most 20,000 reviews.")
        if isinstance(row, tabular.RowProblem):
            refused.append(Refused(row.line_no, row.reason))
            continue
        cells = {field: row.cells.get(header, "") for header, field in fields.items()}
        if not any(cells.values()):
            continue
        said = {"row": cells, "options": {"timezone": timezone}}
        body = json.dumps(said, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
        try:
            reviews_csv.read(Payload(source=source, received_at=now, body=body, headers={}))
        except Unreadable as error:
            refused.append(Refused(row.line_no, str(error)))
        else:
            yield NewPayload(content_key(body), body)
