"""Who read or changed whose data, as the person may know it: when, what for, in which role."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, select

from crm360.accounts.models import AuditEntry, Key, Staff
from crm360.kernel.db import db


def of_profiles(profile_ids: Collection[int]) -> list[tuple[datetime, str, str]]:
    """(when, what was done, in which role) of every entry about these profiles, the first one first."""
    by_staff = and_(AuditEntry.actor_kind == "staff", Staff.id == AuditEntry.actor_id)
    by_key = and_(AuditEntry.actor_kind == "key", Key.id == AuditEntry.actor_id)
    query = (
        select(AuditEntry.at, AuditEntry.action, AuditEntry.actor_kind, Staff.role, Key.role)
        .outerjoin(Staff, by_staff)
        .outerjoin(Key, by_key)
        .where(AuditEntry.subject_kind == "profile", AuditEntry.subject_id.in_(profile_ids))
        .order_by(AuditEntry.id)
    )
    return [
        (at, action, of_staff or (f"integration ({of_key})" if of_key else kind))
        for at, action, kind, of_staff, of_key in db.session.execute(query)
    ]
