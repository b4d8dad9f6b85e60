"""The administrator's page of the version and the settings in force: every setting explained, no secret shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

import config
from crm360 import __version__
from crm360.kernel import schema
from crm360.web import installation
from crm360.web.setting_words import GROUPS

Visit = Callable[[str], Any]
SECRET = "hunter2-hunter2-hunter2-hunter2-hunter2"


def test_what_runs_here(visit_as: Visit, database: str) -> None:
    page = visit_as("admin").page("/admin/version")
    for words in (
        __version__,
        schema.newest(),
        "the newest of this version",
        "SQLite" if database == "sqlite" else "PostgreSQL",
    ):
        assert words in page.text
    assert "read by this user alone" in page.text


def test_every_setting_is_explained_once_and_nothing_else(root: Path) -> None:
    told = re.findall(r"^\| `([A-Z_]+)` \|", (root / "README.md").read_text(), flags=re.MULTILINE)
    assert sorted(told) == sorted(name for _title, names in GROUPS for name in names)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_secret_is_shown(app: Flask, visit_as: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "SECRET_KEY": SECRET, "SMTP_URL": f"smtp://crm:{SECRET}@mail.example:587", "SMTP_PASSWORD": SECRET, "MAIL_FROM": "shop@example.com",
        "METRICS_TOKEN": SECRET, "DATABASE_URL": f"postgresql://crm:{SECRET}@db.example/crm", "INSTANCE_DIR": str(app.config["SETTINGS"].instance_dir),
    }  # fmt: skip
    ours = config.load(given)
    keys = [each for each in (ours.vapid_key, *ours.suppression_keys) if each]
    kept = replace(
        app.config["SETTINGS"], **{name.lower(): getattr(ours, name.lower()) for name in given} | {"given": ours.given}
    )
    with app.test_request_context(), force_locale("en"):
        groups = [list(installation.shown(names, ours)) for _title, names in GROUPS]
    values = {each.name: each for group in groups for each in group}
    assert values["DATABASE_URL"].value == "postgresql+psycopg://crm:***@db.example/crm"
    assert values["SMTP_URL"].value == "smtp://crm:***@mail.example:587"
    assert (values["SMTP_PASSWORD"].value, values["SMTP_PASSWORD"].given) == ("set, not shown", True)
    assert (values["LEDGER_KEY_FILE"].value, values["LEDGER_KEY_FILE"].given) == (
        "made once, kept in INSTANCE_DIR",
        False,
    )
    assert (values["CAMPAIGN_CAP"].value, values["QUIET_HOURS"].value, values["BACKUP_AT"].value) == (
        "3/7",
        "21-8",
        "03:30",
    )
    shown = " ".join(each.value for each in values.values())
    assert [secret for secret in (SECRET, *keys) if secret in shown] == []
    monkeypatch.setitem(
        app.config, "SETTINGS", replace(kept, secret_key=app.config["SETTINGS"].secret_key, smtp_url=ours.smtp_url)
    )
    html = visit_as("admin").page("/admin/version").html
    assert [secret for secret in (SECRET, *keys) if secret in html] == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ["sales", "marketing", "privacy"])
def test_only_administrators_come_in(visit_as: Visit, role: str) -> None:
    assert visit_as(role).get("/admin/version").status_code == 403
