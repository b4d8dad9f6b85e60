"""The nightly backup."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import func, select

from crm360.accounts import audit
from crm360.accounts.models import Staff
from crm360.consents.ledger import signer_of
from crm360.jobs.job import Limits
from crm360.kernel.db import db
from crm360.upkeep import folder, making

BY = "the clock"
#: A backup that failed is tried again after this.
AGAIN = timedelta(minutes=30)
#: When it failed last in this process; the log has the reason.
_failed: list[datetime] = []


class Hours(Protocol):
    """When the nightly backup is due."""

    @property
    def backup_at(self) -> time | None: ...

    @property
    def timezone(self) -> str: ...


def something_waits(*, now: datetime) -> bool:
    """Whether the hour has passed since the last backup. A night the machine slept through is made up for."""
    settings = current_app.config["SETTINGS"]
    moment = last_hour(settings, now=now)
    if moment is None or (_failed and now - _failed[-1] < AGAIN):
        return False
    latest = folder.latest_moment(settings.backup_dir)
    return not _is_new(moment) if latest is None else latest < moment


def last_hour(settings: Hours, *, now: datetime) -> datetime | None:
    """When the nightly backup was due last; None when there is none."""
    if settings.backup_at is None:
        return None
    local = now.astimezone(ZoneInfo(settings.timezone))
    moment = local.replace(hour=settings.backup_at.hour, minute=settings.backup_at.minute, second=0, microsecond=0)
    return moment if moment <= local else moment - timedelta(days=1)


def _is_new(moment: datetime) -> bool:
    """An installation nobody belonged to at that hour waits for its first night."""
    first = db.session.scalar(select(func.min(Staff.created_at)))
    return first is None or first > moment


def run(*, limits: Limits, now: datetime) -> int:
    """Make one and delete those whose time is over; returns 1."""
    db.session.commit()  # SQLite's write lock was taken for a job that writes a line: others write while we copy
    try:
        signer = signer_of(limits.public_url, limits.ledger_key)
        made, gone = making.create(place=current_app.config["SETTINGS"], by=BY, signer=signer, now=now)
    except BaseException:
        _failed[:] = [now]
        raise
    details = {"name": made.name, "bytes": made.bytes, "pruned": len(gone)}
    audit.record(actor=audit.Actor("system", None, BY), action="backup.created", details=details, now=now)
    return 1
