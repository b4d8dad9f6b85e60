"""Segments are written to their folders at their hours; two workers, or one killed at any moment, write no turn twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from structlog import get_logger

from crm360.accounts import audit
from crm360.accounts.audit import Actor
from crm360.flows import segment_drops
from crm360.jobs.job import Limits
from crm360.kernel import clock, dialects
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.segments import drops
from crm360.segments.drops import Claim
from crm360.segments.models import Dropped

LEASE = timedelta(minutes=10)

log = get_logger(__name__)


def run(*, limits: Limits, now: datetime) -> int:
    """Write what is due, then place and remove; returns how many files were. `now` is asked anew with every step."""
    while (mine := drops.claim(now=clock.now(), lease=LEASE)) is not None:
        db.session.commit()
        _turn(mine, limits)
    return _settle(limits)


def _turn(mine: Claim, limits: Limits) -> None:
    try:
        _write(mine, limits)
    except drops.DropLost:
        log.warning("scheduled file taken over", drop=mine.id)
        db.session.rollback()
    except (DomainError, OSError, DBAPIError) as error:
        db.session.rollback()
        told = error.message if isinstance(error, DomainError) else f"{type(error).__name__} while writing the file."
        log.warning("scheduled file failed", drop=mine.id, error=type(error).__name__)
        _failed(mine, told)


def _write(mine: Claim, limits: Limits) -> None:
    root = root_of(limits)
    folder = segment_drops.place(root, mine.folder, apart_from=limits.import_root)
    with dialects.reading():  # the file is written while others write
        zone = dialects.shop_zone(db.session)
        file, part, found = segment_drops.write(mine, folder, zone=zone, now=clock.now())
        db.session.rollback()
    try:
        drops.written(
            mine=mine, file=str(file.relative_to(root)), part=str(part.relative_to(root)), rows=len(found.rows),
            left_out=found.left_out, now=clock.now(),
        )  # fmt: skip
        said = {"drop": mine.id, "file": file.name, "channel": mine.channel, "purpose": mine.purpose}
        audit.record(
            actor=Actor("system", None, "crm360"), action="segment.exported", subject_kind="segment", subject_id=mine.segment_id,
            details={**said, "form": mine.form, "rows": len(found.rows), "left_out": found.left_out}, now=clock.now(),
        )  # fmt: skip
        db.session.commit()
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def root_of(limits: Limits) -> Path:
    """EXPORT_ROOT. Ours is made when it is not there; another one must be, for it may not be mounted. Raises NoFolder."""
    root = limits.export_root
    if root.parent == limits.instance_dir:
        root.mkdir(exist_ok=True)
    if not root.is_dir():
        raise segment_drops.NoFolder("EXPORT_ROOT is not there.")
    return root


def _failed(mine: Claim, told: str) -> None:
    try:
        drops.failed(mine=mine, problem=told, now=clock.now())
        db.session.commit()
    except drops.DropLost:
        db.session.rollback()
        log.warning("scheduled file taken over", drop=mine.id)


def _settle(limits: Limits) -> int:
    done = 0
    for each in drops.unsettled(now=clock.now()):
        done += _settled(each, limits)
        db.session.commit()
    return done


def _settled(turn: Dropped, limits: Limits) -> int:
    try:
        segment_drops.settle(root_of(limits), turn)
    except (segment_drops.NoFolder, OSError) as error:
        log.warning("scheduled file waits for its folder", turn=turn.id, error=type(error).__name__)
        return 0
    return 1
