"""Backups, checks and drills an administrator asked for on the page Backups."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from flask import current_app
from msgspec.structs import replace

import config
from crm360.accounts import audit
from crm360.consents.ledger import signer_of
from crm360.jobs import proving
from crm360.jobs.job import Limits
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.upkeep import errands, folder, making, runs
from crm360.upkeep.errands import Errand
from crm360.upkeep.folder import Check
from crm360.upkeep.making import Step

#: How often the file of progress is written.
SECONDS = 0.5


class Outcome(NamedTuple):
    """What came of it: the backup it was about, what was wrong, and what the audit trail says."""

    about: str
    faults: list[str]
    action: str
    details: dict[str, object]


def something_waits() -> bool:
    """Whether anybody asked."""
    return errands.waits(_place().backup_dir)


def run(*, limits: Limits, now: datetime) -> int:
    """Do what was asked; returns 1, or 0 when another worker was faster. What nobody foresaw is raised once it is told."""
    db.session.commit()  # SQLite's write lock was taken for a job that writes a line: others write meanwhile
    place = _place()
    with errands.taken(place.backup_dir) as errand:
        if errand is None:
            return 0
        told = _Telling(place.backup_dir, errand)
        try:
            outcome = _DEEDS[errand.kind](place, errand, told.tell)
        except DomainError as error:
            told.end(about=errand.about, faults=[error.message])
            return 1
        except BaseException as error:
            told.end(about=errand.about, faults=[], reason=runs.reason_of(error))
            raise
        actor = audit.Actor("staff", errand.by_id, errand.by)
        audit.record(actor=actor, action=outcome.action, details=outcome.details, now=clock.now())
        db.session.commit()
        told.end(about=outcome.about, faults=outcome.faults, ok=not outcome.faults)
    return 1


def _create(place: config.Settings, errand: Errand, tell: making.Tell) -> Outcome:
    signer = signer_of(place.public_url, place.ledger_key)
    made, gone = making.create(place=place, by=errand.by, signer=signer, now=clock.now(), tell=tell)
    return Outcome(made.name, [], "backup.created", {"name": made.name, "bytes": made.bytes, "pruned": len(gone)})


def _verify(place: config.Settings, errand: Errand, tell: making.Tell) -> Outcome:
    found = folder.here(place.backup_dir, errand.about)
    verifier = signer_of(place.public_url, place.ledger_key).verifier
    report = making.verify(backup=found, place=place, verifier=verifier, tell=tell)
    check = Check(backup=report.name, at=clock.now(), by=errand.by, faults=report.faults)
    folder.record_check(place.backup_dir, check)
    return Outcome(report.name, report.faults, "backup.verified", {"name": report.name, "ok": not report.faults})


def _drill(place: config.Settings, errand: Errand, tell: making.Tell) -> Outcome:
    found = folder.here(place.backup_dir, errand.about)
    done = proving.drill(found, place=place, by=errand.by, tell=tell)
    return Outcome(done.backup, done.faults, "backup.drilled", {"name": done.backup, "ok": done.ok})


_DEEDS: dict[str, Callable[[config.Settings, Errand, making.Tell], Outcome]] = {
    "create": _create, "verify": _verify, "drill": _drill,
}  # fmt: skip


class _Telling:
    """Writes down how far it is: each step at once, within a step now and then."""

    def __init__(self, place: Path, errand: Errand) -> None:
        self.folder, self.errand, self.last = place, errand, float("-inf")

    def tell(self, step: Step) -> None:
        if step.name == self.errand.step and time.monotonic() - self.last < SECONDS:
            return
        self.last = time.monotonic()
        self.errand = replace(self.errand, step=step.name, done=step.done, total=step.total)
        errands.tell(self.folder, self.errand)

    def end(self, *, about: str, faults: list[str], ok: bool = False, reason: str = "") -> None:
        ended = {"about": about, "faults": faults, "ok": ok, "reason": reason, "ended_at": clock.now()}
        errands.tell(self.folder, replace(self.errand, **ended))


def _place() -> config.Settings:
    found: config.Settings = current_app.config["SETTINGS"]
    return found
