"""Finds which statements speak of one thread, and makes one of threads that a message bridges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update

from crm360.conversations.models import Conversation, Message, ThreadKey
from crm360.conversations.thread import ThreadRow, unite
from crm360.kernel import dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db

_CONVERSATIONS: Any = Conversation.__table__
_MESSAGES: Any = Message.__table__
_KEYS: Any = ThreadKey.__table__

#: (source, key)
SourceKey = tuple[str, str]


class Statement(NamedTuple):
    """A fact's word on a thread: the keys by which it is known (at least one) and the row it tells."""

    keys: tuple[str, ...]
    row: ThreadRow


def gather(statements: Sequence[Statement]) -> list[int]:
    """Write the threads the statements speak of; returns the conversation id of each statement.

    Threads that share a key are one: the others' messages move to the oldest row and their rows go.
    """
    known = _known_keys({(item.row["source"], key) for item in statements for key in item.keys})
    stored = _stored(set(known.values()))
    groups = _Groups()
    for item in statements:
        source = item.row["source"]
        groups.join(*((source, key) for key in item.keys))
    for key, conversation_id in known.items():
        groups.join(key, ("", str(conversation_id)))
    rows = _united(groups, statements, stored)
    _absorb(groups, rows, stored)
    _save(list(rows.values()), stored)
    ids = {root: row["id"] for root, row in rows.items()}
    _remember(groups, ids, statements, known)
    return [ids[groups.root((item.row["source"], item.keys[0]))] for item in statements]


class _Groups:
    """Disjoint sets of keys."""

    def __init__(self) -> None:
        self._parents: dict[SourceKey, SourceKey] = {}

    def root(self, key: SourceKey) -> SourceKey:
        self._parents.setdefault(key, key)
        while (parent := self._parents[key]) != key:
            self._parents[key] = key = self._parents[parent]
        return key

    def join(self, first: SourceKey, *others: SourceKey) -> None:
        for other in others:
            self._parents[self.root(other)] = self.root(first)


def _known_keys(keys: Iterable[SourceKey]) -> dict[SourceKey, int]:
    per_source: defaultdict[str, list[str]] = defaultdict(list)
    for source, key in sorted(keys):
        per_source[source].append(key)
    found: dict[SourceKey, int] = {}
    for source, names in per_source.items():
        for chunk in chunked(names):
            statement = select(_KEYS.c.key, _KEYS.c.conversation_id).where(_KEYS.c.source == source)
            for key, conversation_id in db.session.execute(statement.where(_KEYS.c.key.in_(chunk))):
                found[source, key] = conversation_id
    return found


def _stored(ids: Iterable[int]) -> dict[int, ThreadRow]:
    found: dict[int, ThreadRow] = {}
    for chunk in chunked(ids):
        for row in db.session.execute(select(_CONVERSATIONS).where(_CONVERSATIONS.c.id.in_(chunk))).mappings():
            found[row["id"]] = dict(row)
    return found


def _united(
    groups: _Groups, statements: Sequence[Statement], stored: dict[int, ThreadRow]
) -> dict[SourceKey, ThreadRow]:
    """One row per group; it has an id when one of the group was stored."""
    told = [(groups.root((item.row["source"], item.keys[0])), item.row) for item in statements]
    told += [(groups.root(("", str(row_id))), row) for row_id, row in stored.items()]
    rows: dict[SourceKey, ThreadRow] = {}
    for root, row in told:
        rows[root] = unite(rows[root], row) if root in rows else {name: row[name] for name in row if name != "id"}
    for row_id in sorted(stored):
        rows[groups.root(("", str(row_id)))].setdefault("id", row_id)
    return rows


def _absorb(groups: _Groups, rows: dict[SourceKey, ThreadRow], stored: dict[int, ThreadRow]) -> None:
    """Move what belongs to rows that are no longer the one of their group, and delete those."""
    for row_id in stored:
        kept = rows[groups.root(("", str(row_id)))]["id"]
        if kept != row_id:
            for table in (_MESSAGES, _KEYS):
                moved = update(table).where(table.c.conversation_id == row_id)
                db.session.execute(moved.values(conversation_id=kept))
            db.session.execute(delete(_CONVERSATIONS).where(_CONVERSATIONS.c.id == row_id))


def _save(rows: Sequence[ThreadRow], stored: dict[int, ThreadRow]) -> None:
    changed = [
        {"row_id" if name == "id" else name: value for name, value in row.items()}
        for row in rows
        if "id" in row and row != stored[row["id"]]
    ]
    if changed:
        statement = update(_CONVERSATIONS).where(_CONVERSATIONS.c.id == bindparam("row_id"))
        db.session.connection().execute(statement, changed)
    new = [row for row in rows if "id" not in row]
    if new:
        told = insert(_CONVERSATIONS).returning(
            _CONVERSATIONS.c.id, _CONVERSATIONS.c.source, _CONVERSATIONS.c.external_id
        )
        ids = {(source, external_id): row_id for row_id, source, external_id in db.session.execute(told, new)}
        for row in new:
            row["id"] = ids[row["source"], row["external_id"]]


def _remember(
    groups: _Groups, ids: dict[SourceKey, int], statements: Sequence[Statement], known: dict[SourceKey, int]
) -> None:
    keys = {(item.row["source"], key) for item in statements for key in item.keys} - known.keys()
    rows = [{"source": key[0], "key": key[1], "conversation_id": ids[groups.root(key)]} for key in sorted(keys)]
    dialects.insert_new(db.session, _KEYS, rows, ["source", "key"])
