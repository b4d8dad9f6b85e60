"""`flask backup prove` on another database, as a process of its own: what a restore and a drill are proved by."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import config
from crm360.kernel import clock
from crm360.upkeep import restoring
from crm360.upkeep.errors import CannotRestore
from crm360.upkeep.folder import Backup, Drill
from crm360.upkeep.making import Tell

#: The keys an installation makes for itself: a drill, which has a folder of its own, reads them where they are.
KEY_FILES = ("SECRET_KEY_FILE", "SUPPRESSION_KEY_FILE", "LEDGER_KEY_FILE", "VAPID_KEY_FILE")


def drill(backup: Backup, *, place: config.Settings, by: str, tell: Tell) -> Drill:
    """Put a backup back into a database that is thrown away, in a folder of its own, and record what that proved."""
    with tempfile.TemporaryDirectory(prefix="crm360-drill-") as inside:
        prove = proving("--drill", environ=away(place, Path(inside)))
        return restoring.drill(backup=backup, place=place, prove=prove, by=by, now=clock.now(), tell=tell)


def away(settings: config.Settings, inside: Path) -> dict[str, str]:
    """The environment of a drill: a folder of its own, the installation's keys and tombstones."""
    kept = {
        name: str(settings.instance_dir / name.removesuffix("_FILE").lower())
        for name in KEY_FILES
        if not os.environ.get(name)
    }
    if os.environ.get("SECRET_KEY"):
        kept.pop("SECRET_KEY_FILE", None)
    return {
        "INSTANCE_DIR": str(inside),
        "IMPORT_ROOT": str(inside / "watched"),
        "TOMBSTONE_FILE": str(settings.tombstone_file),
        **kept,
    }


def proving(*options: str, environ: Mapping[str, str] | None = None) -> Callable[[str], dict[str, Any]]:
    """What proves the database of an address. It raises CannotRestore with the complaint of the process."""

    def prove(url: str) -> dict[str, Any]:
        ours = {**os.environ, **(environ or {}), "DATABASE_URL": url, "LOG_LEVEL": "error"}
        command = [sys.executable, "-m", "flask", "backup", "prove", "--json", *options]
        done = subprocess.run(command, cwd=config.ROOT, env=ours, capture_output=True, text=True, check=False)
        if done.returncode:
            complaint = (done.stderr.strip().splitlines() or ["no word"])[-1].removeprefix("Error: ")
            raise CannotRestore(f"The backup could not be proved, nothing was changed: {complaint}")
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return prove
