"""The audit trail: who changed what, and who read whose personal data. Append-only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import func, insert, select

from crm360.accounts.models import AuditEntry
from crm360.kernel.db import db

PROFILE_OPENED = "profile.opened"
_RECENT_ENTRIES = 500


class Actor(NamedTuple):
    """Who acts: a staff member, an API or write key, the operator at the command line, or the house itself."""

    kind: Literal["staff", "key", "operator", "system"]
    id: int | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something done or read, to be recorded. `action` is "noun.past-participle"."""

    actor: Actor
    action: str
    subject_kind: str = ""
    subject_id: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def record(
    *,
    actor: Actor,
    action: str,
    subject_kind: str = "",
    subject_id: int | None = None,
    details: Mapping[str, Any] | None = None,
    request_id: str = "",
    now: datetime,
) -> None:
    """Add one entry within the current transaction."""
    act = Act(actor=actor, action=action, subject_kind=subject_kind, subject_id=subject_id, details=details or {})
    record_all(acts=[act], request_id=request_id, now=now)


def record_all(*, acts: Sequence[Act], request_id: str = "", now: datetime) -> None:
    """Add one entry per act within the current transaction."""
    if acts:
        db.session.execute(insert(AuditEntry), [_row(act, request_id, now) for act in acts])


def recently_opened(staff_id: int, *, limit: int = 8) -> list[int]:
    """Ids of the profiles a staff member opened last, the latest first, each once."""
    latest = (
        select(AuditEntry.subject_id, AuditEntry.at, AuditEntry.id)
        .where(AuditEntry.actor_kind == "staff", AuditEntry.actor_id == staff_id, AuditEntry.action == PROFILE_OPENED)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(_RECENT_ENTRIES)
        .subquery()
    )
    by_time = func.max(latest.c.at).desc(), func.max(latest.c.id).desc()
    rows = select(latest.c.subject_id).group_by(latest.c.subject_id).order_by(*by_time).limit(limit)
    return list(db.session.scalars(rows))


def latest_act(staff_id: int, *, action: str, subject_kind: str) -> AuditEntry | None:
    """What a staff member did last of a kind, among their latest acts."""
    latest = (
        select(AuditEntry.id)
        .where(AuditEntry.actor_kind == "staff", AuditEntry.actor_id == staff_id)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(_RECENT_ENTRIES)
    )
    fits = (AuditEntry.id.in_(latest), AuditEntry.action == action, AuditEntry.subject_kind == subject_kind)
    found: AuditEntry | None = db.session.scalar(
        select(AuditEntry).where(*fits).order_by(AuditEntry.id.desc()).limit(1)
    )
    return found


def entries_of(subject_kind: str, subject_id: int, *, before: int | None = None, limit: int = 50) -> list[AuditEntry]:
    """What was done to or read of one subject, the latest first. `before`: the id of the last entry already seen."""
    query = select(AuditEntry).where(AuditEntry.subject_kind == subject_kind, AuditEntry.subject_id == subject_id)
    return _latest(query, before, limit)


def latest_entries(*, before: int | None = None, limit: int = 50) -> list[AuditEntry]:
    """The whole trail, the latest first. `before`: the id of the last entry already seen."""
    return _latest(select(AuditEntry), before, limit)


def _latest(query: Any, before: int | None, limit: int) -> list[AuditEntry]:
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return list(db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(limit)))


def _row(act: Act, request_id: str, now: datetime) -> dict[str, Any]:
    return {
        "at": now,
        "actor_kind": act.actor.kind,
        "actor_id": act.actor.id,
        "actor_name": act.actor.name,
        "action": act.action,
        "subject_kind": act.subject_kind,
        "subject_id": act.subject_id,
        "details": dict(act.details),
        "request_id": request_id,
    }
