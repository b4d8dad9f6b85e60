"""Which statements changed what an address may be used for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from crm360.consents.models import Statement
from crm360.kernel.batches import chunked
from crm360.kernel.db import db

_Key = tuple[str, str, str, str]


def changed(*, contact_ids: Iterable[int], payload_ids: Sequence[int], at: datetime) -> list[Statement]:
    """Of the statements recorded at that moment from these payloads, those after which an address's latest word on a
    purpose and channel is another than before; one per address, purpose and channel."""
    wanted = set(payload_ids)
    new: dict[int, Statement] = {}
    for some in chunked(set(contact_ids)):
        query = select(Statement).where(Statement.contact_id.in_(some), Statement.recorded_at == at)
        new |= {row.id: row for row in db.session.scalars(query) if row.payload_id in wanted}
    return _other_words({_key(row) for row in new.values()}, lambda row: row.id not in new)


def changed_by(statement_ids: Sequence[int]) -> list[Statement]:
    """The latest words on what these statements speak of, where they are others than before the first of them was kept."""
    first: dict[_Key, int] = {}
    for some in chunked(statement_ids):
        for row in db.session.scalars(select(Statement).where(Statement.id.in_(some))):
            first[_key(row)] = min(row.id, first.get(_key(row), row.id))
    return _other_words(first, lambda row: row.id < first[_key(row)])


def taken_back(statement_ids: Sequence[int]) -> list[tuple[Statement, str]]:
    """Of statements that were just invalidated, one for each address, purpose and channel whose latest word is another
    without them, with that word ("unknown": nothing was ever said)."""
    gone = set(statement_ids)
    said: dict[_Key, Statement] = {}
    for some in chunked(gone):
        said |= {_key(row): row for row in db.session.scalars(select(Statement).where(Statement.id.in_(some)))}
    rows = list(_about({key[1] for key in said}))
    invalid = {row.invalidates_id for row in rows}
    acts = [row for row in rows if row.invalidates_id is None]
    before = {_key(row): row.state for row in acts if row.id in gone or row.id not in invalid}
    after = {_key(row): row.state for row in acts if row.id not in invalid}
    words = {key: after.get(key, "unknown") for key in said}
    return [(row, words[key]) for key, row in said.items() if words[key] != before.get(key)]


def _other_words(spoken_of: Collection[_Key], was_there: Callable[[Statement], bool]) -> list[Statement]:
    """The latest word on each of these, where it is another than the latest of those that were there before."""
    before: dict[_Key, str] = {}
    after: dict[_Key, Statement] = {}
    for row in _about({key[1] for key in spoken_of}):
        key = _key(row)
        if key in spoken_of:
            after[key] = row
            if was_there(row):
                before[key] = row.state
    return [row for key, row in after.items() if before.get(key) != row.state]


def _about(normals: set[str]) -> Iterable[Statement]:
    """Everything said of these addresses, the earliest first."""
    rows: list[Statement] = []
    for some in chunked(normals):
        rows += db.session.scalars(select(Statement).where(Statement.identifier_normal.in_(some)))
    return sorted(rows, key=lambda row: (row.occurred_at, row.id))


def _key(row: Statement) -> _Key:
    return (row.identifier_kind, row.identifier_normal, row.purpose, row.channel)
