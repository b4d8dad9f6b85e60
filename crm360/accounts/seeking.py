"""Looking into the audit trail: by whom, on whom, what, when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, and_, cast, or_, select

from crm360.accounts.models import AuditEntry
from crm360.kernel.db import db

#: Acts by which somebody saw personal data.
READS = ("profile.opened", "profile.read", "profiles.listed", "payload.revealed", "record.opened",
         "shared_identifiers.listed", "profile.matched", "profile.compared", "consents.audited", "evidence.exported", "breach.exported", "access.exported")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to look for; None and "" leave a question out. `reads`: only acts by which data were seen."""

    actor_kind: str = ""
    actor_id: int | None = None
    profile_ids: Sequence[int] | None = None
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None
    reads: bool = False


def entries(asked: Asked, *, before: int | None = None, limit: int = 50) -> list[AuditEntry]:
    """Entries that fit, the latest first. `before`: the id of the last entry already seen."""
    query = _fitting(select(AuditEntry), asked)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return list(db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(limit)))


def profiles_seen(*, staff_id: int, since: datetime, until: datetime) -> list[int]:
    """Ids of the profiles a colleague read or changed between two moments."""
    asked = Asked(actor_kind="staff", actor_id=staff_id, since=since, until=until)
    query = _fitting(select(AuditEntry.subject_id).distinct(), asked).where(AuditEntry.subject_kind == "profile")
    return [int(each) for each in db.session.scalars(query) if each is not None]


def actions() -> list[str]:
    """Every kind of act there is in the trail."""
    return list(db.session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)))


def _fitting(query: Select[Any], asked: Asked) -> Select[Any]:
    if asked.actor_kind:
        query = query.where(AuditEntry.actor_kind == asked.actor_kind)
    if asked.actor_id is not None:
        query = query.where(AuditEntry.actor_id == asked.actor_id)
    if asked.profile_ids is not None:
        query = query.where(_about(asked.profile_ids))
    if asked.action:
        query = query.where(AuditEntry.action == asked.action)
    if asked.since is not None:
        query = query.where(AuditEntry.at >= asked.since)
    if asked.until is not None:
        query = query.where(AuditEntry.at < asked.until)
    return query.where(AuditEntry.action.in_(READS)) if asked.reads else query


def _about(profile_ids: Sequence[int]) -> Any:
    """Entries about one of these profiles, and lists of customers that held one of them."""
    listed = cast(AuditEntry.details, String)
    marks = [
        mark.format(each)
        for each in profile_ids
        for mark in ("%[{}]%", "%[{},%", "%,{},%", "%,{}]%", "%, {},%", "%, {}]%")
    ]
    subject = and_(AuditEntry.subject_kind == "profile", AuditEntry.subject_id.in_(profile_ids))
    return or_(subject, and_(listed.like("%profile_ids%"), or_(*(listed.like(mark) for mark in marks))))
