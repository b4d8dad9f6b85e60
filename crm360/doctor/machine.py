"""What `flask doctor` finds on the machine: disk, files of secrets, the clock, the log SQLite writes ahead, front-end files."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url, text

import config
from crm360.doctor.findings import Finding, size
from crm360.kernel import clock, dialects, paper
from crm360.kernel.db import db

ASSETS = config.ROOT / "crm360/static/vendor"
FULL_BYTES, NEARLY_FULL_BYTES = 200_000_000, 2_000_000_000
#: A log this long was not folded back into the database: something reads for hours, or nobody closes.
LONG_LOG_BYTES = 500_000_000
SKEW_SECONDS = 5.0


def disk(folder: Path) -> Finding:
    """Room for what comes: a full disk refuses every visit that changes something."""
    left = shutil.disk_usage(folder).free
    told = f"disk: {size(left)} left where the instance folder is"
    if left < FULL_BYTES:
        return Finding("error", f"{told}.", "Make room: nothing that comes can be kept.")
    if left < NEARLY_FULL_BYTES:
        return Finding("warning", f"{told}.", "Make room, or move INSTANCE_DIR.")
    return Finding("ok", told)


def secrets(folder: Path) -> Finding:
    """Files of secrets nobody else on the machine can read."""
    if sys.platform == "win32":
        return Finding("ok", "secrets: who may read them is the folder's business here")
    names = ("secret_key", "suppression_key", "ledger_key", "vapid_key")
    files = [folder / name for name in names if (folder / name).exists()]
    open_ones = [file for file in files if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    if open_ones:
        shown = " ".join(map(str, open_ones))
        return Finding("warning", "secrets: others on this machine can read them.", f"Run `chmod 600 {shown}`.")
    return Finding("ok", "secrets: read by this user alone")


def database_clock() -> Finding:
    """The database's clock beside ours: deadlines and proofs of consent are times."""
    if db.session.connection().dialect.name == "sqlite":
        return Finding("ok", f"clock: {clock.now():%Y-%m-%d %H:%M:%S} UTC")
    with dialects.reading():
        skew = abs((db.session.scalar(text("SELECT clock_timestamp()")) - clock.now()).total_seconds())
    told = f"clock: {skew:.1f} s from the database's"
    if skew > SKEW_SECONDS:
        return Finding("warning", f"{told}.", "Let both machines follow a time server (NTP).")
    return Finding("ok", told)


def written_ahead(url: str) -> Iterator[Finding]:
    """SQLite's log, which is folded into the database as a rule."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return
    log = Path(f"{parsed.database}-wal")
    length = log.stat().st_size if log.exists() else 0
    told = f"write-ahead log: {size(length)}"
    if length > LONG_LOG_BYTES:
        yield Finding("warning", f"{told}.", "Something reads without end; restart crm360 and look for long exports.")
    else:
        yield Finding("ok", told)


def assets() -> Finding:
    """What pages load from us."""
    if ASSETS.is_dir() and any(ASSETS.iterdir()):
        return Finding("ok", "front-end files: present")
    return Finding("error", "front-end files: missing.", "Run `make setup`.")


def documents() -> Finding:
    """What copies of somebody's data, letters and evidence packs are set with."""
    if missing := paper.missing():
        told = f"documents: PDF cannot be made, {', '.join(missing)} are missing."
        return Finding("error", told, "Debian: apt install libpango-1.0-0 libpangoft2-1.0-0 fonts-dejavu-core.")
    return Finding("ok", "documents: PDF can be made")
