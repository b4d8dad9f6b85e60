"""What may be done to the ledger: statements are added. Nothing is ever changed or taken out here."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import select

from crm360.consents.models import Statement
from crm360.facts import ConsentStated, Received
from crm360.kernel import dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.normalise import identifiers
from crm360.profiles import timeline

_STATEMENTS: Any = Statement.__table__
#: (source, statement id)
Key = tuple[str, str]


def record_statements(*, received: Sequence[Received[ConsentStated]], now: datetime) -> None:
    """Add statements to the ledger; one that is there already changes nothing. A time to come counts as `now`."""
    told: dict[Key, dict[str, Any]] = {}
    for item in received:
        if item.contact_id is not None:
            row = _row(item.fact, item.contact_id, item.payload_id, now, item.region)
            told.setdefault((row["source"], row["statement_id"]), row)
    if not told:
        return
    dialects.lock_partition(db.session)
    known = _ids(told)
    new = [row for key, row in told.items() if key not in known]
    dialects.insert_new(db.session, _STATEMENTS, new, ["source", "statement_id"])
    ids = _ids((row["source"], row["statement_id"]) for row in new)
    timeline.note(entries=[_entry(row, ids[row["source"], row["statement_id"]]) for row in new], now=now)


def _row(fact: ConsentStated, contact_id: int, payload_id: int | None, now: datetime, region: str) -> dict[str, Any]:
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
        "evidence": dict(fact.evidence),
        "payload_id": payload_id,
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
