"""Files become payloads, payloads facts: what tills' exports and mail archives share. Customer lists: `import_runs`.

An import is a run of steps. The caller commits after each, so that whatever stops it loses one step at most; and as
every payload is kept by its content, the same file again goes on where it stopped and changes nothing it had done.
"""

from __future__ import annotations

import gzip
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from crm360.flows import receive
from crm360.flows.import_files import UnusableFile
from crm360.inbox import operations as inbox
from crm360.inbox.models import Source
from crm360.inbox.operations import NewPayload, content_key
from crm360.kernel.batches import chunked
from crm360.sources import base, cards, column_habits, columns, mailbox_files, registry, tabular
from crm360.sources.tabular import Row, RowProblem

BATCH = 300
_SAMPLE_ROWS = 1000


class Problem(NamedTuple):
    """A row (or message, without cells) left out: the line it ends on, the reason, its cells as they were."""

    line_no: int
    reason: str
    cells: Sequence[str]


class Item(NamedTuple):
    """A payload to be, and the lines it was made from."""

    payload: NewPayload
    lines: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step did: `rows` read; documents `new` to us, `repeated`, refused; rows left out with their reasons.

    `documents`: how many there are, in the one step that has counted them.
    """

    rows: int = 0
    documents: int = 0
    new: int = 0
    repeated: int = 0
    refused: Sequence[Problem] = ()
    refused_documents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a table is going to be read: its columns' fields, and how it writes numbers and dates."""

    path: Path
    headers: tuple[str, ...]
    mapping: Mapping[str, str]
    options: Mapping[str, str]
    encoding: str
    delimiter: str
    #: How many digits loyalty cards have, as far as this file or an earlier one of its source told; 0: not known.
    card_digits: int = 0

    @property
    def unmapped(self) -> tuple[str, ...]:
        return tuple(header for header in self.headers if header not in self.mapping)

    def rows(self) -> Iterator[Row | RowProblem]:
        """Every row of the file, from the start."""
        return tabular.open_table(self.path).rows


def plan(
    path: Path,
    *,
    kind: columns.Kind,
    overrides: Sequence[str] = (),
    defaults: Mapping[str, str] | None = None,
    stated: Mapping[str, str] | None = None,
    card_digits: int = 0,
) -> Plan:
    """Look at a file: which column is what. `overrides`: COLUMN=FIELD. `defaults`: currency, timezone, region.

    `stated` (decimal, date_order) stands above what the file's rows suggest; `card_digits` is what is known of the source.

    Raises UnusableFile when it is no table, a needed column is missing, or an override names nothing.
    """
    try:
        table = tabular.open_table(path)
        with closing(cast("Generator[Row | RowProblem]", table.rows)) as rows:
            sample = [row.cells for row in islice(rows, _SAMPLE_ROWS) if isinstance(row, Row)]
        mapping = columns.apply_overrides(
            columns.guess(table.headers, kind), overrides, headers=table.headers, kind=kind
        )
    except (ValueError, OSError) as error:
        raise UnusableFile(f"{path.name}: {error}") from None
    if missing := columns.missing(mapping, kind):
        there = ", ".join(table.headers[:30])
        raise UnusableFile(
            f"{path.name}: no column for {', '.join(missing)}. Say which with --map COLUMN=FIELD; columns: {there}."
        )
    mapped = [columns.mapped(row, mapping) for row in sample]
    habits = {"decimal": column_habits.decimal_sign(mapped), "date_order": column_habits.date_order(mapped)}
    return Plan(
        path=path,
        headers=table.headers,
        mapping=mapping,
        options={**(defaults or {}), **habits, **(stated or {})},
        encoding=table.encoding,
        delimiter=table.delimiter,
        card_digits=card_digits or cards.digits_of(row["card_no"] for row in mapped if "card_no" in row),
    )


def mailbox(*, path: Path, own_addresses: str, source: Source | None, now: datetime) -> Iterator[Step]:
    """An mbox archive or a single .eml message, gzipped or not, one payload per message."""
    headers = {"own-addresses": own_addresses} if own_addresses else {}
    with _opened(path) as stream:
        numbered = enumerate(mailbox_files.split_mbox(stream), 1)
        for messages in chunked(numbered, BATCH):
            items = [Item(NewPayload(content_key(body), body, headers), (number,)) for number, body in messages]
            stored = store(items, channel="mailbox", source=source, now=now)
            problems = [Problem(number, reason, ()) for number, reason in stored.refused.items()]
            yield Step(
                rows=len(messages),
                new=stored.new,
                repeated=stored.repeated,
                refused=problems,
                refused_documents=len(problems),
            )


class Stored(NamedTuple):
    """How many payloads were new and had their effect, how many were there before; line → why its payload was not."""

    new: int
    repeated: int
    refused: dict[int, str]


def store(items: Sequence[Item], *, channel: str, source: Source | None, now: datetime) -> Stored:
    """Keep and process payloads within the caller's transaction; without a source only try to read them."""
    if source is None:
        return _tried(items, channel, now)
    payloads = [item.payload for item in items]
    taken = inbox.take(source_id=source.id, channel=channel, items=payloads, now=now)
    reasons = receive.settle([*taken.held, *taken.new], now=now)
    inbox.mark_processed(ids=[payload.id for payload in taken.held if payload.id not in reasons], now=now)
    lines = {item.payload.dedup_key: item.lines for item in reversed(items)} if reasons else {}
    refused: dict[int, str] = {}
    for payload in (*taken.held, *taken.new):
        if payload.id in reasons:
            refused |= dict.fromkeys(lines[payload.dedup_key], reasons[payload.id])
    return Stored(len(taken.new) - len(reasons), taken.repeated, refused)


def _tried(items: Iterable[Item], channel: str, now: datetime) -> Stored:
    read, readable = registry.reader(channel), 0
    refused: dict[int, str] = {}
    for item in items:
        raw = base.Payload(source="dry-run", received_at=now, body=item.payload.body, headers=item.payload.headers)
        try:
            read(raw)
            readable += 1
        except base.Unreadable as error:
            refused |= dict.fromkeys(item.lines, str(error))
    return Stored(readable, 0, refused)


def _opened(path: Path) -> BinaryIO:
    try:
        with path.open("rb") as stream:
            zipped = stream.read(2) == b"\x1f\x8b"
        return gzip.open(path, "rb") if zipped else path.open("rb")  # type: ignore[return-value]
    except OSError as error:
        raise UnusableFile(f"{path.name}: {error.strerror}.") from None
