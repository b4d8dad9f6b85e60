"""The administrator's page of the version that runs here, what it runs on, and the settings in force."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from datetime import time
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from flask import render_template
from flask_babel import gettext
from sqlalchemy import make_url

import config
from crm360 import __version__
from crm360.doctor.examining import examine
from crm360.kernel import schema
from crm360.kernel.db import db
from crm360.web import finding_words
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.scheduled_jobs import place
from crm360.web.setting_words import GROUPS, KEY_FILES, SECRETS

#: What the doctor looks at that belongs here; the rest is on the page Storage.
AREAS = ("settings", "database", "migrations", "clock", "secrets", "documents", "front-end files")


class Shown(NamedTuple):
    """A setting as the page shows it: its value in words, whether the environment gives it, what it means."""

    name: str
    value: str
    given: bool
    words: Any


@door.get("/admin/version")
@requires("upkeep.manage")
def version() -> str:
    findings = finding_words.shown(examine(place(), greet=False), AREAS)
    groups = [(title, list(shown(names, place()))) for title, names in GROUPS]
    return render_template("upkeep/version.html", findings=findings, groups=groups, **runs_on())


def runs_on() -> dict[str, str]:
    """Version, migration, Python, database."""
    connection = db.session.connection()
    numbers = connection.dialect.server_version_info or ()
    return {
        "version": __version__, "migration": schema.current(connection), "newest": schema.newest(),
        "python": platform.python_version(), "system": f"{platform.system()} {platform.release()}",
        "database": f"{NAMES.get(connection.dialect.name, connection.dialect.name)} {'.'.join(map(str, numbers))}",
    }  # fmt: skip


#: As the programs are called.
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def shown(names: dict[str, Any], settings: config.Settings) -> Iterator[Shown]:
    """Settings with what is in force; secrets are named, never shown."""
    for name, words in names.items():
        yield Shown(name, _value(name, settings), name in settings.given or f"{name}_FILE" in settings.given, words)


def _value(name: str, settings: config.Settings) -> str:
    if name == "SECRET_KEY_FILE" and "SECRET_KEY" in settings.given:
        return gettext("not used, SECRET_KEY is set")
    if name in KEY_FILES:
        return gettext("a file of yours") if name in settings.given else gettext("made once, kept in INSTANCE_DIR")
    value = getattr(settings, name.lower())
    if name in SECRETS:
        return gettext("set, not shown") if value else gettext("not set")
    return FORMS[name](value) if name in FORMS and value else _plain(value)


def _plain(value: object) -> str:
    if value is None:
        return gettext("never")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "–"
    return (f"{value:%H:%M}" if isinstance(value, time) else str(value)) or "–"


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{parts.netloc.rpartition('@')[2]}"))


#: Settings whose value is not simply written out.
FORMS: dict[str, Callable[[Any], str]] = {
    "DATABASE_URL": lambda url: make_url(url).render_as_string(hide_password=True),
    "SMTP_URL": _without_password,
    "OIDC_ROLES": lambda pairs: ", ".join(f"{value}={role}" for value, role in pairs),
    "CAMPAIGN_CAP": lambda pair: f"{pair[0]}/{pair[1]}",
    "QUIET_HOURS": lambda pair: f"{pair[0]}-{pair[1]}",
    "DKIM_KEY_FILE": lambda path: str(Path(path)),
}
