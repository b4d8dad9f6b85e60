"""The administrator's page of backups: what there is, how sound it is, and making, checking, trying and taking one away."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Response as Answer
from flask import redirect, render_template, send_file, url_for
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.consents.ledger import signer_of
from crm360.kernel import clock, heartbeat
from crm360.kernel.errors import DomainError
from crm360.upkeep import archive, errands, folder, manifest
from crm360.upkeep.folder import Backup, Check, Drill
from crm360.web import backup_words
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires
from crm360.web.scheduled_jobs import place
from crm360.web.security import WrongPassword, ask_password
from crm360.web.visitors import actor, present


class Line(NamedTuple):
    """A backup with what is known of its soundness."""

    backup: Backup
    signed: bool
    check: Check | None
    drill: Drill | None


@door.get("/admin/backups")
@requires("upkeep.manage")
def backups() -> str:
    part = "upkeep/backups_part.html" if is_fragment() else "upkeep/backups.html"
    return render_template(part, lines=lines(), **under_way())


@door.post("/admin/backups")
@requires("upkeep.manage")
def create_backup() -> Response:
    return asked("create")


@door.get("/admin/backups/<name>")
@requires("upkeep.manage")
def backup(name: str) -> str:
    return overview(folder.here(place().backup_dir, name))


@door.post("/admin/backups/<name>/checks")
@requires("upkeep.manage")
def check_backup(name: str) -> Response:
    return asked("verify", folder.here(place().backup_dir, name).name)


@door.post("/admin/backups/<name>/drills")
@requires("upkeep.manage")
def try_backup(name: str) -> Response:
    return asked("drill", folder.here(place().backup_dir, name).name)


@door.post("/admin/backups/<name>/file")
@requires("upkeep.manage")
def download_backup(name: str) -> Answer | tuple[str, int]:
    """The whole database leaves the house: only for who proves anew who they are, and never unseen."""
    found = folder.here(place().backup_dir, name)
    try:
        ask_password()
    except WrongPassword as error:
        return overview(found, error=error), error.status
    details = {"name": found.name, "bytes": found.bytes}
    audit.record(actor=actor(), action="backup.downloaded", details=details, now=clock.now())
    return send_file(found.file, mimetype="application/zip", as_attachment=True, conditional=False, etag=False)


def asked(kind: errands.Kind, about: str = "") -> Response:
    """Let the worker do it, and go where its progress is shown."""
    staff = present().staff
    errands.ask(place().backup_dir, kind=kind, about=about, by=staff.name, by_id=staff.id, now=clock.now())
    return redirect(url_for("web.backups"), 303)


def lines() -> list[Line]:
    """Every backup, the latest first."""
    where = place().backup_dir
    checks = {each.backup: each for each in reversed(folder.checks(where))}
    drills = {each.backup: each for each in reversed(folder.drills(where))}
    return [
        Line(each, is_signed(each), checks.get(each.name), drills.get(each.name)) for each in folder.all_backups(where)
    ]


def overview(found: Backup, *, error: DomainError | None = None) -> str:
    """One backup: what is in it, whether keys still fit, what checks and drills found."""
    where, told = place().backup_dir, found.manifest
    keys = manifest.consequences(manifest.missing_keys(told, place())) if told else []
    return render_template(
        "upkeep/backup.html", backup=found, told=told, signed=is_signed(found), keys=keys, error=error,
        check=next((each for each in folder.checks(where) if each.backup == found.name), None),
        drills=[each for each in folder.drills(where) if each.backup == found.name], **under_way(),
    )  # fmt: skip


def under_way() -> dict[str, Any]:
    """The last thing asked for and how it stands, and by which settings backups go."""
    settings, now = place(), clock.now()
    return {
        "seen": errands.last(settings.backup_dir), "settings": settings, "words": backup_words,
        "worker": heartbeat.state(heartbeat.age(settings.instance_dir, now=now)),
    }  # fmt: skip


def is_signed(found: Backup) -> bool:
    """Whether its manifest was signed by this installation and is as it was signed."""
    settings = place()
    return archive.is_signed(found.file, signer_of(settings.public_url, settings.ledger_key).verifier)
