"""The administrator's page of room: database, files, disks, and what waits in the queues."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import render_template
from flask_babel import lazy_gettext as _

from crm360.consents import ledger
from crm360.doctor.examining import examine
from crm360.inbox import queries as inbox
from crm360.kernel import clock
from crm360.outbox import queries as outbox
from crm360.upkeep import measuring
from crm360.web import finding_words
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.scheduled_jobs import place
from crm360.webhooks import queries as webhooks

TABLES = 15
#: What the doctor looks at that belongs here; the rest is on the page Version.
AREAS = ("disk", "write-ahead log", "inbox", "mail", "webhooks", "ledger", "worker", "jobs", "backups")
#: Folder of INSTANCE_DIR → what is in it.
FOLDERS: dict[str, Any] = {
    "backups": _("backups"), "imports": _("files of imports that can still be taken back"), "exports": _("segments written at set times"),
    "watched": _("watched folders"), "packages": _("copies of data that wait to be taken"), "metrics": _("figures of the processes"),
    "jobs": _("what the worker’s jobs did"),
}  # fmt: skip


@door.get("/admin/storage")
@requires("upkeep.manage")
def storage() -> str:
    findings = finding_words.shown(examine(place(), greet=False), AREAS)
    return render_template("upkeep/storage.html", findings=findings, **database(), **files(), **queues())


def database() -> dict[str, Any]:
    """How large the database is, and its largest tables."""
    return {"database_bytes": measuring.database_bytes(), "tables": measuring.largest_tables(TABLES)}


def files() -> dict[str, Any]:
    """The folders, and the disks they are on."""
    settings = place()
    outside = [settings.import_root, settings.export_root, settings.backup_dir]
    apart = [each for each in outside if not each.is_relative_to(settings.instance_dir)]
    found = measuring.folders(settings.instance_dir, *apart)
    return {
        "folders": [(each, name_of(each.path), FOLDERS.get(each.path.name, "")) for each in found],
        "disks": measuring.disks([settings.instance_dir, *apart]), "files_most": measuring.FILES,
        "instance_dir": settings.instance_dir,
    }  # fmt: skip


def queues() -> dict[str, Any]:
    """What waits, and for how long."""
    now = clock.now()
    return {
        "inbox": inbox.counts(), "letters": outbox.backlog(now=now), "deliveries": webhooks.backlog(now=now),
        "unsigned": ledger.unsigned(), "signed": ledger.last_checkpoint(),
    }  # fmt: skip


def name_of(path: Path) -> str:
    """A folder as the page calls it: below INSTANCE_DIR by its name, elsewhere by its whole path."""
    below = place().instance_dir
    return "INSTANCE_DIR" if path == below else path.name if path.parent == below else str(path)
