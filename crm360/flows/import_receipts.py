"""A till's export → purchases: lines are gathered into documents, each document is one payload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from crm360.flows.imports import Item, Plan, Problem, Step, store
from crm360.flows.receipt_spool import Document, Line, Spool
from crm360.inbox.models import Source
from crm360.inbox.operations import NewPayload, content_key
from crm360.kernel.batches import chunked
from crm360.sources import cards, columns, pos_csv
from crm360.sources.pos_csv import Options
from crm360.sources.tabular import Row, RowProblem

_ROWS_PER_STEP = 5000
_DOCUMENTS_PER_STEP = 600

_encode = msgspec.json.encode


def receipts(*, plan: Plan, source: Source | None, now: datetime) -> Iterator[Step]:
    """Import every document of the file; lines that cannot be part of one are left out with their reason.

    Yields steps that read rows, then one step with the number of documents found (in `documents`), then steps that
    stored documents. Without a source nothing is kept, only tried.
    """
    options = pos_csv.options_of(dict(plan.options))
    stated = _encode(options._asdict())
    with Spool() as spool:
        for rows in chunked(plan.rows(), _ROWS_PER_STEP):
            lines, problems = _sorted_out(rows, plan, options)
            spool.put(lines)
            yield Step(rows=len(rows), refused=problems)
        yield Step(documents=spool.count())
        for documents in chunked(spool.documents(), _DOCUMENTS_PER_STEP):
            items = [_item(document, stated) for document in documents]
            stored = store(items, channel=pos_csv.CHANNEL, source=source, now=now)
            yield Step(
                new=stored.new,
                repeated=stored.repeated,
                refused=_original(plan, stored.refused),
                refused_documents=len(documents) - stored.new - stored.repeated,
            )


def _sorted_out(rows: Sequence[Row | RowProblem], plan: Plan, options: Options) -> tuple[list[Line], list[Problem]]:
    lines: list[Line] = []
    problems: list[Problem] = []
    for row in rows:
        if isinstance(row, RowProblem):
            problems.append(Problem(row.line_no, row.reason, row.cells))
            continue
        fields = columns.mapped(row.cells, plan.mapping)
        if plan.card_digits and (card := fields.get("card_no")):
            fields["card_no"] = cards.restored(card, plan.card_digits)
        if reason := pos_csv.row_problem(fields, options):
            problems.append(Problem(row.line_no, reason, list(row.cells.values())))
        else:
            lines.append(Line(pos_csv.document_key(fields), row.line_no, _encode(fields)))
    return lines, problems


def _item(document: Document, options: bytes) -> Item:
    """The payload of one document. Where its rows stood in the file is told, but is not part of its content."""
    rows, numbers = document
    body = b'{"rows":[%b],"row_numbers":%b,"options":%b}' % (rows, _encode(numbers), options)
    return Item(NewPayload(content_key(rows, options), body), numbers)


def _original(plan: Plan, refused: dict[int, str]) -> list[Problem]:
    """Rows of refused documents as the file has them; read once more, for this is rare."""
    if not refused:
        return []
    return [
        Problem(row.line_no, refused[row.line_no], list(row.cells.values()))
        for row in plan.rows()
        if isinstance(row, Row) and row.line_no in refused
    ]
