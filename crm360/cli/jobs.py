"""`flask jobs`: the worker's work, done now."""

from __future__ import annotations

from flask import current_app

from crm360.cli.door import Group, remark
from crm360.jobs import draining, webhooks
from crm360.jobs.importing import Importer
from crm360.jobs.job import perform
from crm360.jobs.schedule import JOBS

group = Group("jobs", help="What the background worker does.")


@group.command("run-once")
def run_once() -> None:
    """Work the inbox off and do everything that is due, then return."""
    done = draining.drain()
    webhooks.courier(current_app).deliver_all()
    remark(f"inbox: {done.processed} processed, {done.quarantined} set aside in quarantine")
    importer, steps = Importer(current_app.config["SETTINGS"].instance_dir), 0
    while importer.some():
        steps += 1
    remark(f"imports: {steps} steps")
    for job in JOBS:
        remark(f"{job.name}: {perform(job, limits=current_app.config['SETTINGS'])}")
