"""What `flask doctor` finds in the queues, at the mail server, of the worker and of the ledger."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import config
from crm360.consents import grants, ledger
from crm360.doctor.findings import Finding
from crm360.inbox import queries as inbox
from crm360.kernel import clock, dialects, heartbeat, letterbox
from crm360.kernel.counting import counted
from crm360.kernel.db import db
from crm360.outbox import queries as outbox
from crm360.upkeep import folder, runs
from crm360.webhooks import queries as webhooks

#: Mail that is due this long has not been taken by anybody.
LATE_SECONDS = 600.0
SERVER_SECONDS = 5.0
#: A night may be missed; two may not.
OLD_BACKUP_HOURS = 50.0


def payloads() -> Finding:
    """What came and was not understood."""
    counts = inbox.counts()
    told = f"inbox: {counts.waiting} waiting, {counts.quarantined} in quarantine"
    if counts.quarantined:
        return Finding("warning", f"{told}.", "See `flask inbox quarantined`; after a fix, `flask inbox replay`.")
    return Finding("ok", told)


def letters(settings: config.Settings, *, greet: bool = True) -> Finding:
    """Letters that should have left, and the server that would take them, when it is to be greeted."""
    late = outbox.backlog(now=clock.now())
    told = f"mail: {counted(late.due, 'letter')} due"
    if not settings.smtp_url:
        level, advice = ("warning", "Set SMTP_URL: until then letters wait.") if late.due else ("ok", "")
        return Finding(level, f"{told}, no server set{'.' if advice else ''}", advice)  # type: ignore[arg-type]
    refusal = _greeted(settings) if greet else ""
    if refusal:
        return Finding("error", f"{told}; the server of SMTP_URL does not take us ({refusal}).", "Letters wait.")
    if letterbox.is_folder(settings.smtp_url):
        return Finding("ok", f"{told}; what leaves is written to a folder and reaches nobody")
    if late.seconds > LATE_SECONDS:
        return Finding("warning", f"{told}, the oldest for {late.seconds / 60:.0f} min.", "Is the worker at work?")
    return Finding("ok", f"{told}; the server answers" if greet else told)


def _greeted(settings: config.Settings) -> str:
    """Why the mail server does not take us; "" when it does."""
    taker = letterbox.carrier(settings.smtp_url, password=settings.smtp_password, timeout=SERVER_SECONDS)
    with taker as carrier:
        return carrier.greet()


def deliveries() -> Finding:
    """Endpoints that get nothing."""
    paused = [pause for pause in webhooks.pauses().values() if pause.reason != "by_hand"]
    told = f"webhooks: {counted(len(webhooks.all_endpoints()), 'endpoint')}"
    if paused:
        ids = ", ".join(str(pause.endpoint_id) for pause in paused)
        return Finding("warning", f"{told}, paused because nothing arrives: {ids}.", "See `flask webhooks deliveries`.")
    return Finding("ok", told)


def worker(instance_dir: Path) -> Finding:
    """Whether somebody works the queues off."""
    age = heartbeat.age(instance_dir, now=clock.now())
    if heartbeat.state(age) == "working":
        return Finding("ok", f"worker: at work {age:g} s ago")
    told = "worker: never seen" if age is None else f"worker: last seen {age:.0f} s ago"
    return Finding("warning", f"{told}.", "Start it with `make run`, or `python -m crm360.jobs.worker`.")


def jobs(instance_dir: Path) -> Finding:
    """Scheduled jobs that failed when they ran last."""
    known = runs.all_runs(instance_dir)
    failing = sorted(each.name for each in known if each.failures)
    told = f"jobs: {len(known)} known, {len(failing)} failing"
    if failing:
        return Finding("warning", f"{told}: {', '.join(failing)}.", "The page Jobs says why; the log has the place.")
    return Finding("ok", told)


def backups(settings: config.Settings, *, now: datetime) -> Finding:
    """Whether one was made lately, when one is to be made every night."""
    latest = folder.latest_moment(settings.backup_dir)
    if latest is None:
        return Finding("ok", "backups: none yet")
    hours = (now - latest).total_seconds() / 3600
    told = f"backups: the latest is {counted(round(hours), 'hour')} old"
    if settings.backup_at is not None and hours > OLD_BACKUP_HOURS:
        return Finding("warning", f"{told}.", "The nightly one fails, or the worker rests; the page Jobs says why.")
    return Finding("ok", told)


def consents() -> Finding:
    """Whether the ledger can be rewritten by the role we come with, and since when it is signed."""
    last = ledger.last_checkpoint()
    told = f"ledger: signed up to entry {last.size}" if last else "ledger: nothing signed yet"
    tables = (*grants.SEALED, *grants.WRITTEN_ONCE, *grants.DEFINED_ONCE)
    if dialects.may_rewrite(db.session.connection(), tables):
        advice = "Triggers refuse that; let another role own the tables and apply `flask ledger grants ROLE`."
        return Finding("warning", f"{told}; our role of the database may rewrite it.", advice)
    return Finding("ok", told)
