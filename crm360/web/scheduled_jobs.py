"""The administrator's page of scheduled jobs: what ran when, how it went, and what is done at once when asked."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

import config
from crm360.accounts import audit
from crm360.kernel import clock, heartbeat
from crm360.upkeep import runs
from crm360.web import job_words
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor


@door.get("/admin/jobs")
@requires("upkeep.manage")
def jobs() -> str:
    age = heartbeat.age(place().instance_dir, now=clock.now())
    known = runs.all_runs(place().instance_dir)
    ordered = sorted(known, key=lambda run: (not run.failures, str(job_words.name(run.name)).casefold()))
    shown = {"runs": ordered, "asked": set(runs.asked(place().instance_dir)), "age": age, "state": heartbeat.state(age)}
    return render_template("upkeep/jobs.html", words=job_words, backup_at=place().backup_at, slug=runs.slug_of, **shown)


@door.post("/admin/jobs/<slug>/runs")
@requires("upkeep.manage")
def run_job(slug: str) -> Response:
    run = runs.ask(place().instance_dir, slug=slug)
    audit.record(actor=actor(), action="job.asked", subject_kind="job", details={"job": run.name}, now=clock.now())
    flash(gettext("Asked for. The worker does it within seconds."))
    return redirect(url_for("web.jobs"), 303)


def failing() -> int:
    """How many jobs failed when they ran last."""
    return sum(run.failures > 0 for run in runs.all_runs(place().instance_dir))


def place() -> config.Settings:
    """The settings in force."""
    found: config.Settings = current_app.config["SETTINGS"]
    return found
