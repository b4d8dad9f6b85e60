"""Whether a statement says anything new: what the ledger holds of the same act, or of the same address last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from crm360.consents.models import Statement
from crm360.consents.policy import INVALIDATED
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.kernel.dialects import Among

#: (source, statement id)
Key = tuple[str, str]
_Cell = tuple[str, str, str, str]

_OF_ADDRESSES = select(Statement).where(
    Statement.identifier_kind.in_(("email", "phone")), Among(Statement.identifier_normal)
)
_INVALIDATING = select(Statement.id, Statement.invalidates_id).where(
    Statement.identifier_kind.in_(("email", "phone")),
    Among(Statement.identifier_normal),
    Statement.state == INVALIDATED,
)


def repeated(rows: Sequence[Mapping[str, Any]]) -> set[Key]:
    """Keys of rows that say what was said last of their address, purpose and channel by the same source."""
    last = _last({row["identifier_normal"] for row in rows})
    return {(row["source"], row["statement_id"]) for row in rows if (said := last.get(_cell(row))) and _same(said, row)}


def invalidators(known: Mapping[int, Key]) -> dict[Key, int]:
    """Of statements (id → key): key → the statement that invalidated it."""
    found: dict[Key, int] = {}
    for chunk in chunked(known):
        ids = select(Statement.identifier_normal).where(Statement.id.in_(chunk))
        for by, of in db.session.execute(_INVALIDATING, {"values": set(db.session.scalars(ids))}):
            if of in known:
                found[known[of]] = by
    return found


def _last(addresses: set[str]) -> dict[_Cell, Statement]:
    found: dict[_Cell, Statement] = {}
    for chunk in chunked(sorted(addresses)):
        for said in db.session.scalars(_OF_ADDRESSES, {"values": chunk}):
            cell = (said.identifier_kind, said.identifier_normal, said.purpose, said.channel)
            before = found.get(cell)
            if before is None or (before.occurred_at, before.id) < (said.occurred_at, said.id):
                found[cell] = said
    return found


def _cell(row: Mapping[str, Any]) -> _Cell:
    return row["identifier_kind"], row["identifier_normal"], row["purpose"], row["channel"]


def _same(said: Statement, row: Mapping[str, Any]) -> bool:
    return all(getattr(said, name) == row[name] for name in ("source", "state", "method", "evidence_grade", "evidence"))
