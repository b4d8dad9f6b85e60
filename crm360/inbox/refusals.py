"""Requests a door refused and kept nothing of: counted by day, door and reason, so that none is lost without a trace."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from crm360.inbox.models import Refusal
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of


def count(*, door: str, code: str, now: datetime) -> None:
    """One more request refused."""
    row = {"on_day": now.date(), "door": door, "code": code}
    new = {**row, "requests": 0, "last_at": now}
    dialects.insert_new(db.session, table_of(Refusal), [new], list(row))
    same = [getattr(Refusal, name) == value for name, value in row.items()]
    one_more = update(Refusal).where(*same).values(requests=Refusal.requests + 1, last_at=now)
    db.session.execute(one_more.execution_options(synchronize_session=False))


def of(source_id: int) -> str:
    """The door under which refusals are counted that named a source."""
    return f"source {source_id}"


def latest_of(source_id: int) -> Refusal | None:
    """The last day on which something that named a source was refused."""
    query = select(Refusal).where(Refusal.door == of(source_id)).order_by(Refusal.on_day.desc()).limit(1)
    found: Refusal | None = db.session.scalar(query)
    return found


def latest(*, limit: int = 100) -> list[Refusal]:
    """Counts, the latest day first."""
    return list(db.session.scalars(select(Refusal).order_by(Refusal.on_day.desc(), Refusal.door).limit(limit)))
