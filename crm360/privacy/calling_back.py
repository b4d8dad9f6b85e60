"""Who else is told how a request does: an address hears each status once, in time, until the request has ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select

from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.privacy.models import Callback, Case

#: A worker that died while it spoke gives what it had taken back after this time.
LEASE = timedelta(minutes=10)
_GOING_ON = ("open", "working")


def register(*, case: Case, urls: Sequence[str], now: datetime) -> None:
    """Addresses that know the case is as it is now, and hear of it from its next status on."""
    db.session.add_all(
        Callback(case_id=case.id, url=url, told=case.status, attempts=0, due_at=now) for url in dict.fromkeys(urls)
    )
    db.session.flush()


def anything_due(*, now: datetime) -> bool:
    """Whether somebody should be told."""
    return db.session.execute(_due(now).limit(1)).first() is not None


def claim(*, most: int, now: datetime) -> list[tuple[Callback, Case]]:
    """Whom to tell of which case, longest due first; nobody else takes them within `LEASE`. The caller commits before it speaks."""
    query = _due(now).order_by(Callback.due_at, Callback.id).limit(most)
    taken = [
        tuple(row) for row in db.session.execute(query.with_for_update(of=Callback, **dialects.skip_locked(db.session)))
    ]
    for callback, _case in taken:
        callback.due_at, callback.attempts = now + LEASE, callback.attempts + 1
    db.session.flush()
    return taken


def heard(*, callback_id: int, status: str, now: datetime) -> None:
    """It knows that status now; after the last one nothing of the address is kept."""
    callback = db.session.get(Callback, callback_id)
    if callback is None:
        return
    if status in _GOING_ON:
        callback.told, callback.attempts, callback.due_at = status, 0, now
    else:
        db.session.delete(callback)
    db.session.flush()


def again(*, callback_id: int, at: datetime) -> None:
    """It was not reached, and is tried again then."""
    callback = db.session.get(Callback, callback_id)
    if callback is not None:
        callback.due_at = at
        db.session.flush()


def give_up(*, callback_id: int) -> None:
    """It is told nothing any more; how the request does can still be asked."""
    db.session.execute(delete(Callback).where(Callback.id == callback_id))


def _due(now: datetime) -> Select[Callback, Case]:
    changed = Callback.told != Case.status
    return select(Callback, Case).join(Case, Case.id == Callback.case_id).where(Callback.due_at <= now, changed)
