"""Reads and writes rows in bulk that a source names: `(source, external_id)` is their key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from crm360.kernel.batches import chunked
from crm360.kernel.db import db

#: (source, external id)
Key = tuple[str, str]


def find_by_key(table: Any, keys: Iterable[Key]) -> dict[Key, dict[str, Any]]:
    """Rows of a table that has `source` and `external_id`, as dictionaries with their id."""
    per_source: defaultdict[str, set[str]] = defaultdict(set)
    for source, external_id in keys:
        per_source[source].add(external_id)
    found: dict[Key, dict[str, Any]] = {}
    for source, external_ids in per_source.items():
        for chunk in chunked(sorted(external_ids)):
            statement = select(table).where(table.c.source == source, table.c.external_id.in_(chunk))
            for row in db.session.execute(statement).mappings():
                found[row["source"], row["external_id"]] = dict(row)
    return found


def save(table: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows without an id and give them theirs; overwrite those that have one."""
    old = [_with_row_id(row) for row in rows if "id" in row]
    new = [row for row in rows if "id" not in row]
    if new:
        statement = insert(table).returning(table.c.id, table.c.source, table.c.external_id)
        ids = {(source, external_id): row_id for row_id, source, external_id in db.session.execute(statement, new)}
        for row in new:
            row["id"] = ids[row["source"], row["external_id"]]
    if old:
        db.session.connection().execute(update(table).where(table.c.id == bindparam("row_id")), old)


def _with_row_id(row: dict[str, Any]) -> dict[str, Any]:
    return {"row_id" if name == "id" else name: value for name, value in row.items()}
