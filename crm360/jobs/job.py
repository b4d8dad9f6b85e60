"""What the clock can do: a named piece of work, how often it is due, and one transaction around it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from structlog import get_logger

from crm360.evidence.receipts import ControllerSettings
from crm360.kernel import clock, dialects, faults
from crm360.kernel.addresses import Network
from crm360.kernel.db import db
from crm360.upkeep import runs

log = get_logger(__name__)


class Limits(ControllerSettings, Protocol):
    """The settings the jobs go by: when something is due, with whom they may speak."""

    @property
    def cart_abandoned_hours(self) -> int: ...

    @property
    def anonymous_retention_days(self) -> int: ...

    @property
    def instance_dir(self) -> Path: ...

    @property
    def import_root(self) -> Path: ...

    @property
    def export_root(self) -> Path: ...

    @property
    def timezone(self) -> str: ...

    @property
    def phone_region(self) -> str: ...

    @property
    def tombstone_file(self) -> Path: ...

    @property
    def shop_name(self) -> str: ...

    @property
    def smtp_url(self) -> str: ...

    @property
    def smtp_password(self) -> str: ...

    @property
    def mail_from(self) -> str: ...

    @property
    def mail_rate(self) -> int: ...

    @property
    def dkim_key_file(self) -> str: ...

    @property
    def dkim_selector(self) -> str: ...

    @property
    def default_locale(self) -> str: ...

    @property
    def campaign_cap(self) -> tuple[int, int]: ...

    @property
    def quiet_hours(self) -> tuple[int, int]: ...

    @property
    def ledger_key(self) -> bytes: ...

    @property
    def secret_key(self) -> str: ...

    @property
    def private_targets(self) -> Sequence[Network]: ...


@dataclass(frozen=True, slots=True)
class Job:
    """`run(limits=…, now=…)` returns how many rows it changed.

    `waiting` only reads: a job that is due often must not take SQLite's one write lock to find nothing to do.
    """

    name: str
    run: Callable[..., int]
    every: timedelta
    waiting: Callable[[], bool] | None = None
    #: Whether an administrator may have it done at any moment: it harms nobody, and shows in a page or a file.
    by_hand: bool = False
    #: Called with the scheduler and what to call after a run that changed something, to set a clock for the next.
    plan: Callable[[Any, Callable[[], None]], None] | None = None


def perform(job: Job, *, limits: Limits) -> int:
    """Do it now and commit; returns how many rows changed. Raises what it raised, rolled back. The run is written down."""
    at, begun = clock.now(), time.perf_counter()
    try:
        changed = _performed(job, limits)
    except Exception as error:
        _write_down(job, limits, at=at, seconds=time.perf_counter() - begun, error=error)
        raise
    _write_down(job, limits, at=at, seconds=time.perf_counter() - begun, changed=changed)
    return changed


def _performed(job: Job, limits: Limits) -> int:
    if job.waiting and not _is_waiting(job.waiting):
        return 0
    dialects.set_may_write(True)
    try:
        changed = job.run(limits=limits, now=clock.now())
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    if changed:
        log.info("job done", job=job.name, changed=changed)
    return changed


def _write_down(job: Job, limits: Limits, **how: Any) -> None:
    """A disk that takes no note must not undo what was done."""
    try:
        runs.note(limits.instance_dir, name=job.name, every=job.every, by_hand=job.by_hand, **how)
    except OSError as error:
        log.warning("job not written down", job=job.name, why=faults.told(error))


def _is_waiting(asked: Callable[[], bool]) -> bool:
    with dialects.reading():
        found = asked()
        db.session.rollback()
    return found
