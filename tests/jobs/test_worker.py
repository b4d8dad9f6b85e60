"""The worker's loop, in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import copy_context
from datetime import UTC, timedelta
from typing import Any

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from crm360.identity import queries as identity
from crm360.jobs import draining, worker
from crm360.jobs.job import Job, perform
from crm360.jobs.schedule import JOBS
from crm360.kernel import clock, heartbeat


class StopAfter(threading.Event):
    """Set once the worker has waited so many times: what it does between two waits is seen, without waiting."""

    def __init__(self, waits: int):
        super().__init__()
        self.waits = waits
        self.pauses: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0)
        if len(self.pauses) >= self.waits:
            self.set()
        return self.is_set()


def test_it_processes_what_waits_and_leaves_a_sign_of_life(app: Flask, session: Any, send: Callable[..., None]) -> None:
    send("m-1", userId="7")
    stopping = StopAfter(1)
    copy_context().run(worker.work, app, stopping)
    assert identity.counts()["contacts"] == 1
    assert stopping.pauses == [worker.POLL_SECONDS]
    assert heartbeat.age(app.config["SETTINGS"].instance_dir, now=clock.now()) is not None


def test_it_goes_on_after_a_failure_more_and_more_slowly(
    app: Flask, session: Any, send: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    send("m-1", userId="7")
    failures = iter([ConnectionError("gone")] * 8)

    def stumble(*_: Any) -> Any:
        if failure := next(failures, None):
            raise failure
        return whole()

    whole = draining.process_batch
    monkeypatch.setattr(draining, "process_batch", stumble)
    stopping = StopAfter(9)
    copy_context().run(worker.work, app, stopping)
    assert stopping.pauses == [0.5, 1, 2, 4, 8, 10, 10, 10, 0.25]
    assert identity.counts()["contacts"] == 1


def test_every_job_runs_and_a_failing_one_harms_nobody(app: Flask, session: Any) -> None:
    done = {job.name: perform(job, limits=app.config["SETTINGS"]) for job in JOBS}
    assert {name for name, count in done.items() if count} <= {"compute figures"}  # of nobody there are figures too

    def fail(**_: Any) -> int:
        raise ConnectionError("gone")

    failing = Job("failing", fail, every=timedelta(hours=1))
    copy_context().run(worker.run_job, app, failing, BackgroundScheduler(timezone=UTC))
    with pytest.raises(ConnectionError):
        perform(failing, limits=app.config["SETTINGS"])


def test_the_clock_knows_every_job(app: Flask) -> None:
    scheduler = worker.start_clock(app)
    try:
        assert [job.name for job in scheduler.get_jobs()] == [job.name for job in JOBS]
    finally:
        scheduler.shutdown(wait=True)
