"""Jobs an administrator asks for on the page Jobs, done whether or not they are due."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flask import current_app
from structlog import get_logger

from crm360.jobs.job import Limits, perform
from crm360.kernel.db import db
from crm360.upkeep import runs

log = get_logger(__name__)


def something_waits() -> bool:
    """Whether anybody asked."""
    return bool(runs.asked(current_app.config["SETTINGS"].instance_dir))


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many jobs were done. One that fails is written down as its own failure, and the next goes on."""
    from crm360.jobs.schedule import JOBS

    db.session.commit()
    known, done = {job.name: job for job in JOBS}, 0
    for name in runs.take_asked(limits.instance_dir):
        if name not in known:
            continue  # of an earlier version
        try:
            perform(replace(known[name], waiting=None), limits=limits)
            done += 1
        except Exception:
            log.exception("job failed", job=name)
    return done
