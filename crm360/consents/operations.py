"""What may be done to the ledger: statements are added. Nothing is ever changed or taken out here."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import select

from crm360.consents import ledger, repeating
from crm360.consents.models import Statement
from crm360.consents.policy import INVALIDATED, REFUSALS
from crm360.consents.repeating import Key
from crm360.facts import ConsentStated, Received
from crm360.kernel import dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.normalise import identifiers
from crm360.profiles import timeline

_STATEMENTS: Any = Statement.__table__
#: How a refusal is stated that was made at a shared address by somebody who was erased since; pages show it as it is.
KEPT = "kept when another holder was erased"


class Added(NamedTuple):
    """A statement added to the ledger and the contact it came with."""

    statement_id: int
    contact_id: int


class Invalidated(NamedTuple):
    """How many statements count no more, and how many refusals among them stay."""

    invalidated: int
    refusals_kept: int


def record_statements(*, received: Sequence[Received[ConsentStated]], now: datetime) -> None:
    """Add statements to the ledger; one that is there already changes nothing. A time to come counts as `now`."""
    add_statements(received=received, now=now)


def add_statements(*, received: Sequence[Received[ConsentStated]], now: datetime) -> list[Added]:
    """The same, telling which were new."""
    if not any(item.contact_id is not None for item in received):
        return []
    dialects.lock_partition(db.session)
    new = list(unheard(received, now=now).values())
    ids = _add(new)
    timeline.note(entries=[_entry(row, ids[row["source"], row["statement_id"]]) for row in new], now=now)
    return [Added(ids[row["source"], row["statement_id"]], row["contact_id"]) for row in new]


def unheard(received: Sequence[Received[ConsentStated]], *, now: datetime) -> dict[Key, dict[str, Any]]:
    """The rows that statements would add to the ledger. Writes nothing.

    A statement invalidated since is heard anew; one without a time of its own only when something else was said of the
    address in between. Without a contact it belongs to nobody yet, which a dry run does not mind.
    """
    told: dict[Key, dict[str, Any]] = {}
    undated: set[Key] = set()
    for item in received:
        row = _row(item.fact, item.contact_id, item.payload_id, now, item.region)
        told.setdefault((row["source"], row["statement_id"]), row)
        if item.fact.undated:
            undated.add((row["source"], row["statement_id"]))
    repeated = repeating.repeated([told[key] for key in sorted(undated)]) if undated else set()
    fresh = {key: row for key, row in told.items() if key not in repeated}
    known = _ids(fresh)
    while void := repeating.invalidators({known[key]: key for key in fresh if key in known}):
        for key, by in void.items():
            row = fresh.pop(key)
            row["statement_id"] = f"{key[1].partition('~')[0]}~{by}"
            fresh[row["source"], row["statement_id"]] = row
        known = _ids(fresh)
    return {key: row for key, row in fresh.items() if key not in known}


def invalidate(
    *, statement_ids: Sequence[int], by: str, reason: str, now: datetime, method: str = "import.reverted"
) -> Invalidated:
    """Let statements count no more, by statements that say so; refusals stay, so nothing becomes permitted by this."""
    dialects.lock_partition(db.session)
    rows, kept = [], 0
    for chunk in chunked(statement_ids):
        for said in db.session.scalars(select(Statement).where(Statement.id.in_(chunk)).order_by(Statement.id)):
            if said.state in REFUSALS:
                kept += 1
            else:
                rows.append(_invalidation(said, by, reason, now) | {"method": method})
    there = _ids((row["source"], row["statement_id"]) for row in rows)
    rows = [row for row in rows if (row["source"], row["statement_id"]) not in there]
    ids = _add(rows)
    timeline.note(entries=[_entry(row, ids[row["source"], row["statement_id"]]) for row in rows], now=now)
    return Invalidated(len(rows) + len(there), kept)


def keep_refusals(*, heirs: Mapping[int, int], now: datetime) -> int:
    """Say refusals again in the name of another contact (statement → contact) who holds their address, as of the day they
    were made; returns how many are new. Nothing of who made them goes along."""
    rows = [
        _kept(said, heirs[said.id], now)
        for chunk in chunked(heirs)
        for said in db.session.scalars(select(Statement).where(Statement.id.in_(chunk)).order_by(Statement.id))
    ]
    there = _ids((row["source"], row["statement_id"]) for row in rows)
    rows = [row for row in rows if (row["source"], row["statement_id"]) not in there]
    if rows:
        dialects.lock_partition(db.session)
        ids = _add(rows)
        timeline.note(entries=[_entry(row, ids[row["source"], row["statement_id"]]) for row in rows], now=now)
    return len(rows)


def _add(rows: Sequence[dict[str, Any]]) -> dict[Key, int]:
    """New rows and their leaves, under the lock of the partition; returns the ids."""
    dialects.insert_new(db.session, _STATEMENTS, list(rows), ["source", "statement_id"])
    ids = _ids((row["source"], row["statement_id"]) for row in rows)
    ledger.append(rows, ids)
    return ids


def _invalidation(said: Statement, by: str, reason: str, now: datetime) -> dict[str, Any]:
    same = ("contact_id", "identifier_kind", "identifier_value", "identifier_normal", "purpose", "channel", "source")
    return {name: getattr(said, name) for name in same} | {
        "state": INVALIDATED,
        "occurred_at": now,
        "recorded_at": now,
        "statement_id": f"invalidated:{said.id}",
        "method": "",
        "evidence_grade": "C",
        "notice": "",
        "evidence": {"by": by, "reason": reason},
        "payload_id": None,
        "invalidates_id": said.id,
    }


def _kept(said: Statement, contact_id: int, now: datetime) -> dict[str, Any]:
    same = ("identifier_kind", "identifier_value", "identifier_normal", "purpose", "channel", "source", "state")
    return {name: getattr(said, name) for name in (*same, "occurred_at", "evidence_grade")} | {
        "contact_id": contact_id,
        "recorded_at": now,
        "statement_id": f"kept:{said.id}",
        "method": KEPT,
        "notice": "",
        "evidence": {"undated": True} if said.evidence.get("undated") else {},
        "payload_id": None,
        "invalidates_id": None,
    }


def _row(
    fact: ConsentStated, contact_id: int | None, payload_id: int | None, now: datetime, region: str
) -> dict[str, Any]:
    kind, value, _ = fact.identifier
    normal = identifiers.normal(kind, value, region=region) or value.strip()
    return {
        "contact_id": contact_id,
        "identifier_kind": kind,
        "identifier_value": value,
        "identifier_normal": normal,
        "purpose": fact.purpose,
        "channel": fact.channel,
        "state": fact.state,
        "occurred_at": min(fact.occurred_at, now),
        "recorded_at": now,
        "source": fact.source,
        "statement_id": _statement_id(fact, normal),
        "method": fact.method,
        "evidence_grade": fact.evidence_grade,
        "notice": fact.notice,
        "evidence": {**fact.evidence, **({"undated": True} if fact.undated else {})},
        "payload_id": payload_id,
        "invalidates_id": None,
    }


def _statement_id(fact: ConsentStated, normal: str) -> str:
    """The source's own id and a digest of what is said: an id used again for another act must not hide that act."""
    if fact.standing:
        return (
            f"{fact.statement_id}#{blake2b(repr((fact.identifier.kind, normal)).encode(), digest_size=12).hexdigest()}"
        )
    act = (fact.identifier.kind, normal, fact.purpose, fact.channel, fact.state, fact.occurred_at.isoformat())
    proof = (fact.method, fact.evidence_grade, fact.notice, json.dumps(fact.evidence, sort_keys=True, default=str))
    digest = blake2b(repr((fact.ref, act, proof)).encode(), digest_size=12).hexdigest()
    return f"{fact.statement_id}#{digest}" if fact.statement_id else digest


def _ids(keys: Iterable[Key]) -> dict[Key, int]:
    per_source: defaultdict[str, list[str]] = defaultdict(list)
    for source, statement_id in keys:
        per_source[source].append(statement_id)
    found: dict[Key, int] = {}
    for source, statement_ids in per_source.items():
        for chunk in chunked(statement_ids):
            statement = select(Statement.statement_id, Statement.id).where(Statement.source == source)
            for statement_id, row_id in db.session.execute(statement.where(Statement.statement_id.in_(chunk))):
                found[source, statement_id] = row_id
    return found


def _entry(row: dict[str, Any], row_id: int) -> timeline.Entry:
    said = {
        "statement_id": row_id,
        "identifier": row["identifier_value"],
        "purpose": row["purpose"],
        "channel": row["channel"],
        "state": row["state"],
        "evidence_grade": row["evidence_grade"],
        "method": row["method"],
        "notice": row["notice"],
    }
    title, subject = f"{row['purpose']}, {row['channel']}", f"consent:{row_id}"
    return timeline.Entry(
        row["contact_id"], f"consent.{row['state']}", row["occurred_at"], title, said, subject, row["payload_id"]
    )
