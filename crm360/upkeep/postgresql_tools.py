"""PostgreSQL's own client programs: found, new enough for the server, and told where to connect without a word in `ps`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable

from sqlalchemy import URL

from crm360.upkeep.errors import BackupFailed

#: Parts of an address → the variable libpq reads them from.
_VARIABLES = {
    "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
    "dbname": "PGDATABASE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY", "options": "PGOPTIONS", "connect_timeout": "PGCONNECT_TIMEOUT", "passfile": "PGPASSFILE",
    "channel_binding": "PGCHANNELBINDING", "gssencmode": "PGGSSENCMODE", "target_session_attrs": "PGTARGETSESSIONATTRS",
}  # fmt: skip
_LINES_TOLD = 3


def program(name: str, server: int) -> str:
    """The path of a client program of at least the server's major version. Raises BackupFailed."""
    found = shutil.which(name)
    advice = (
        f"Install PostgreSQL's client programs of version {server} (Debian: apt install postgresql-client-{server})."
    )
    if found is None:
        raise BackupFailed(f"{name} is not installed. {advice}")
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"(\d+)(?:\.\d+|devel|beta|rc|$)", told)
    if version is None:
        raise BackupFailed(f"{found} does not tell its version. {advice}")
    if int(version[1]) < server:
        raise BackupFailed(f"{name} is version {version[1]}, older than the server's {server}. {advice}")
    return found


def environment(url: URL) -> dict[str, str]:
    """What a client program's process sees: how to reach the database of `url`, English messages."""
    parts = {"host": url.host, "port": url.port, "user": url.username, "password": url.password, "dbname": url.database}
    told = parts | dict(url.query)
    ours = {_VARIABLES[name]: str(value) for name, value in told.items() if name in _VARIABLES and value is not None}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C", "PGAPPNAME": "crm360 backup"} | ours


def run(command: list[str], *, url: URL, doing: str) -> str:
    """Run a client program to its end; its standard output. Raises BackupFailed with its last words."""
    done = subprocess.run(
        command, env=environment(url), stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False
    )  # fmt: skip
    if done.returncode:
        raise BackupFailed(f"{doing} failed: {last_words(done.stderr.splitlines(), done.returncode)}")
    return done.stdout


def last_words(lines: Iterable[str], code: int) -> str:
    """What a program complained of, in a line."""
    told = [line.strip() for line in lines if line.strip()]
    complaints = [line for line in told if "error" in line.lower()] or told
    return " ".join(complaints[:_LINES_TOLD]) or f"exit code {code}"
