"""The administrator's page of backups: made, checked and tried by the worker, taken away by who proves who they are."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import config
from crm360.accounts import audit
from crm360.jobs import work_on_backups
from crm360.jobs.job import perform
from crm360.jobs.schedule import JOBS
from crm360.kernel import clock
from crm360.upkeep import errands, folder
from crm360.upkeep.errors import BackupFailed
from tests.processes import Instance
from tests.web.conftest import PASSWORD

Visit = Callable[[str], Any]


@pytest.fixture(autouse=True)
def settings(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> config.Settings:
    """Folders of this test."""
    ours = replace(
        app.config["SETTINGS"], instance_dir=tmp_path, backup_dir=tmp_path / "backups", backup_at=time(3, 30)
    )
    monkeypatch.setitem(app.config, "SETTINGS", ours)
    return ours


def work(settings: config.Settings) -> None:
    """What the worker does next."""
    job = next(each for each in JOBS if each.name == "work on backups")
    assert copy_context().run(perform, job, limits=settings) == 1


def acts() -> list[tuple[str, str, Any]]:
    return [
        (each.action, each.actor_name, each.details.get("name"))
        for each in audit.latest_entries()
        if each.action.startswith("backup.")
    ]


def test_from_the_first_to_a_checked_one(visit_as: Visit, settings: config.Settings) -> None:
    client = visit_as("admin")
    page = client.page("/admin/backups")
    assert "No backup yet" in page.text
    assert "every night at 03:30" in page.text
    assert client.submit("/admin/backups", action="/admin/backups").location == "/admin/backups"
    waiting = client.page("/admin/backups")
    assert "waits for the worker, which is not at work" in waiting.text
    part = client.get("/admin/backups", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<html" not in part
    assert "every 2s" in part
    assert client.submit("/admin/backups", action="/admin/backups").status_code == 409
    work(settings)
    (made,) = folder.all_backups(settings.backup_dir)
    page = client.page("/admin/backups")
    assert "The backup was made just now." in page.text
    assert "by us" in page.text
    assert "every 2s" not in page.html, "nothing is under way: nobody asks again"
    one = f"/admin/backups/{made.name}"
    client.submit(one, action=f"{one}/checks")
    work(settings)
    assert "every hash fits and the database opens." in client.page(one).text
    assert "sound" in client.page("/admin/backups").text
    assert acts() == [("backup.verified", "Ewa Sowa", made.name), ("backup.created", "Ewa Sowa", made.name)]


def test_a_damaged_one_is_said_to_be_so(visit_as: Visit, settings: config.Settings) -> None:
    client = visit_as("admin")
    client.submit("/admin/backups", action="/admin/backups")
    work(settings)
    (made,) = folder.all_backups(settings.backup_dir)
    raw = bytearray(made.file.read_bytes())
    raw[len(raw) // 10] ^= 1
    made.file.write_bytes(raw)
    one = f"/admin/backups/{made.name}"
    client.submit(one, action=f"{one}/checks")
    work(settings)
    page = client.page("/admin/backups")
    assert "Checking a backup" in page.text
    assert "failed" in page.text
    assert "hash differs" in page.text or "cannot be read" in page.text


def test_what_stands_in_the_way_is_told_in_words(
    visit_as: Visit, settings: config.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visit_as("admin")
    client.submit("/admin/backups", action="/admin/backups")

    def full(**_given: object) -> None:
        raise BackupFailed("There is no room.")

    monkeypatch.setattr(work_on_backups.making, "create", full)
    work(settings)
    assert "There is no room." in client.page("/admin/backups").text

    def unforeseen(**_given: object) -> None:
        raise KeyError("anna@example.com")

    monkeypatch.setattr(work_on_backups.making, "create", unforeseen)
    client.submit("/admin/backups", action="/admin/backups")
    with pytest.raises(KeyError):
        work(settings)
    text = client.page("/admin/backups").text
    assert "An error in the program nobody foresaw." in text
    assert "anna@example.com" not in text


def test_taking_one_away_wants_the_password_and_is_on_record(visit_as: Visit, settings: config.Settings) -> None:
    client = visit_as("admin")
    client.submit("/admin/backups", action="/admin/backups")
    work(settings)
    (made,) = folder.all_backups(settings.backup_dir)
    one = f"/admin/backups/{made.name}"
    refused = client.submit(one, action=f"{one}/file", password="wrong")
    assert (refused.status_code, refused.mimetype) == (422, "text/html")
    assert "backup.downloaded" not in [action for action, *_ in acts()]
    with client.submit(one, action=f"{one}/file", password=PASSWORD) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "application/zip")
        assert answer.headers["Cache-Control"] == "no-store"
        assert f"{made.name}.zip" in answer.headers["Content-Disposition"]
        with zipfile.ZipFile(io.BytesIO(answer.get_data())) as archive:
            assert "manifest.json" in archive.namelist()
    assert ("backup.downloaded", "Ewa Sowa", made.name) in acts()


@pytest.mark.parametrize(
    "name", ["crm360-20260101T000000Z", "..", "secret_key", "..%2Fsecret_key", "crm360-20260101T000000Z.zip"]
)
def test_nothing_typed_leads_elsewhere(visit_as: Visit, settings: config.Settings, name: str) -> None:
    (settings.instance_dir / "secret_key").write_text("x" * 40)
    assert visit_as("admin").get(f"/admin/backups/{name}").status_code in (404, 308)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ["sales", "marketing", "privacy"])
def test_only_administrators_come_in(visit_as: Visit, role: str) -> None:
    client = visit_as(role)
    token = client.page("/").form(action="/sign-out").values
    assert client.get("/admin/backups").status_code == 403
    assert client.post("/admin/backups", data=token).status_code == 403
    assert client.post("/admin/backups/crm360-20260101T000000Z/file", data=token).status_code == 403


@pytest.mark.server
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_drill_asked_for_is_done_by_the_worker(instance: Instance) -> None:
    """On an installation of its own: a drill starts the application on the database put back."""
    place = instance.settings().backup_dir
    instance.flask("backup", "create")
    name = folder.all_backups(place)[0].name
    errands.ask(place, kind="drill", about=name, by="Dana", by_id=1, now=clock.now())
    instance.flask("jobs", "run-once")
    seen = errands.last(place)
    assert seen is not None
    assert (seen.state, seen.errand.about, seen.errand.faults) == ("done", name, [])
    assert [(each.backup, each.by, each.ok) for each in folder.drills(place)] == [(name, "Dana", True)]
