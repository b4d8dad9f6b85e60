"""`python -m crm360.jobs.worker`: works the inbox off as it fills, and does what the clock says, until told to end.

One worker on SQLite; on PostgreSQL several may run, for each takes payloads the others have not locked.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from structlog import get_logger

from crm360.jobs import await_mail, draining, webhooks
from crm360.jobs.importing import Importer
from crm360.jobs.job import Job, perform
from crm360.jobs.schedule import JOBS
from crm360.kernel import clock, collecting, heartbeat
from crm360.upkeep import runs

POLL_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 10.0
FIRST_RUN_AFTER = timedelta(seconds=5)

log = get_logger(__name__)


def main() -> int:
    """Run until SIGTERM or SIGINT; the batch at work is finished first."""
    from wsgi import app

    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopping.set())
    collecting.seldom()
    scheduler = start_clock(app)
    beside = [webhooks.start(app, stopping), await_mail.start(app, stopping)]
    log.info("worker started")
    try:
        work(app, stopping)
    finally:
        stopping.set()
        for thread in beside:
            thread.join()
        scheduler.shutdown(wait=True)
        log.info("worker stopped")
    return 0


def work(app: Flask, stopping: threading.Event) -> None:
    """Process batches while there are any, look again a few times a second, until `stopping` is set."""
    pulse = Pulse(app.config["SETTINGS"].instance_dir)
    importer = Importer(app.config["SETTINGS"].instance_dir)
    pause = POLL_SECONDS
    while not stopping.is_set():
        pulse.beat()
        try:
            busy = process_some(app, importer)
            pause = POLL_SECONDS
        except Exception:
            log.exception("batch failed; nothing of it was kept, it will be tried again", pause_seconds=pause)
            busy, pause = False, min(pause * 2, LONGEST_PAUSE_SECONDS)
        if not busy:
            stopping.wait(pause)


def process_some(app: Flask, importer: Importer) -> bool:
    """One batch of the inbox and one step of an import, when anything waits; returns whether something did."""
    with app.app_context():
        received = draining.is_waiting() and draining.process_batch() != (0, 0)
        return importer.some() or received


def start_clock(app: Flask) -> BackgroundScheduler:
    """Start the scheduled jobs in threads of their own."""
    # A round that is left out while the one before still works is how jobs are meant to run; nobody need read of it.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults=defaults)
    runs.begin(app.config["SETTINGS"].instance_dir, [job.name for job in JOBS])
    for job in JOBS:
        first = clock.now() + FIRST_RUN_AFTER
        seconds = job.every.total_seconds()
        args = [app, job, scheduler]
        scheduler.add_job(run_job, "interval", args=args, seconds=seconds, next_run_time=first, name=job.name)
    scheduler.start()
    return scheduler


def run_job(app: Flask, job: Job, scheduler: BackgroundScheduler) -> None:
    """One run of a scheduled job; a failure is logged, and the next run tries again. What it did may set a clock."""
    begun, failed = time.perf_counter(), True
    with app.app_context():
        try:
            changed = perform(job, limits=app.config["SETTINGS"])
            if job.plan and (changed or job.name not in _planned):
                _planned.add(job.name)
                job.plan(scheduler, partial(run_job, app, replace(job, waiting=None), scheduler))
            failed = False
        except Exception:
            log.exception("job failed", job=job.name)
    if meters := app.extensions.get("meters"):
        meters.job(name=job.name, seconds=time.perf_counter() - begun, failed=failed)


#: Jobs that set their clock since the worker began.
_planned: set[str] = set()


class Pulse:
    """Leaves a sign of life at most once a second."""

    def __init__(self, directory: Path):
        self.directory = directory
        self.last = float("-inf")

    def beat(self) -> None:
        if time.monotonic() - self.last >= 1:
            heartbeat.beat(self.directory, now=clock.now())
            self.last = time.monotonic()


if __name__ == "__main__":
    sys.exit(main())
