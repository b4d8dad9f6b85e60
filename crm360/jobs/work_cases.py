"""The worker on granted cases: erasures step by step, each step a transaction of its own; copies of data."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import OperationalError
from structlog import get_logger

from crm360.consents.ledger import signer_of
from crm360.flows import erasing, personal_map
from crm360.flows.erasing import Places
from crm360.flows.import_runs import FOLDER
from crm360.jobs.job import Limits
from crm360.kernel import clock, letterbox, notes, sweeping
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.privacy import handling
from crm360.privacy.models import Case, Step

log = get_logger(__name__)

PACKAGES = "packages"


def something_waits() -> bool:
    """Whether a granted erasure has steps left."""
    return handling.next_step(erasing.RIGHTS) is not None


def run(*, limits: Limits, now: datetime) -> int:
    """Go steps until none is left or one fails; returns how many were done."""
    done = 0
    while (step := handling.next_step(erasing.RIGHTS)) is not None:
        where = (step.case_id, step.position)
        if not _went(step, limits):
            break
        db.session.commit()
        done += 1
        log.info("step of a case done", case_id=where[0], position=where[1])
    return done


def places(limits: Limits) -> Places:
    """Where files about people lie in this installation."""
    is_folder = letterbox.is_folder(limits.smtp_url)
    return Places(
        letters=letterbox.folder_of(limits.smtp_url) if is_folder else None,
        imports=limits.instance_dir / FOLDER, watched=limits.import_root, exports=limits.export_root,
        packages=packages_folder(limits), tombstones=limits.tombstone_file,
    )  # fmt: skip


def packages_folder(limits: Limits) -> Path:
    """Where packages wait to be taken away."""
    return limits.instance_dir / PACKAGES


def _went(step: Step, limits: Limits) -> bool:
    """One step, or a part of it; False when it has to be tried again later."""
    key = (step.case_id, step.position)
    try:
        if step.name == erasing.SWEEP:
            _sweep(step)
        else:
            erasing.go(step, places=places(limits), now=clock.now())
            if step.name == "certificate":
                _sign(handling.get(step.case_id), limits)
    except (DomainError, OSError, OperationalError) as error:
        db.session.rollback()
        failed = db.session.get(Step, key)
        if failed is not None:
            failed.failure = error.message if isinstance(error, DomainError) else type(error).__name__
        db.session.commit()
        log.warning("step of a case failed; it is tried again", case_id=key[0], step=key[1], error=type(error).__name__)
        return False
    return True


def _sweep(step: Step) -> None:
    """Outside the transaction; cases that wait for the same share one sweep."""
    begun = clock.now()
    key, tables = (step.case_id, step.position), list(personal_map.rows())
    db.session.commit()
    sweeping.sweep(db.engine, tables)
    swept = db.session.get(Step, key)
    if swept is not None:
        swept.state, swept.started_at, swept.finished_at, swept.failure = "done", begun, clock.now(), ""
        swept.counts = {"tables": len(tables)}


def _sign(case: Case, limits: Limits) -> None:
    """The certificate as a signed note: anybody with the ledger's public key can check it."""
    told = json.dumps(case.certificate, ensure_ascii=False, sort_keys=True)
    by = signer_of(limits.public_url, limits.ledger_key)
    case.certificate = case.certificate | {"note": notes.sign(told, by), "verifier": by.verifier}
