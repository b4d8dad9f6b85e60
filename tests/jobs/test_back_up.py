"""The nightly backup: due once a night, made up for, put off after a failure; never while a new installation has no night behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

import config
from crm360.accounts import audit
from crm360.jobs import back_up
from crm360.jobs.job import Job, perform
from crm360.upkeep import folder
from crm360.upkeep.errors import BackupFailed
from tests import cast


@pytest.fixture
def settings(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[config.Settings]:
    """The application's settings, with a folder of backups of this test."""
    ours = replace(
        app.config["SETTINGS"], backup_dir=tmp_path / "backups", backup_at=time(3, 30), timezone="Europe/Warsaw"
    )
    monkeypatch.setitem(app.config, "SETTINGS", ours)
    yield ours
    back_up._failed.clear()


@pytest.mark.parametrize(
    ("clock", "due"), [("2026-03-02T03:29", "2026-03-01T03:30"), ("2026-03-02T03:30", "2026-03-02T03:30"), ("2026-03-29T12:00", "2026-03-29T03:30")]
)  # fmt: skip
def test_the_hour_is_that_of_the_shop(settings: config.Settings, clock: str, due: str):
    zone = ZoneInfo("Europe/Warsaw")
    now = datetime.fromisoformat(clock).replace(tzinfo=zone)
    assert back_up.last_hour(settings, now=now) == datetime.fromisoformat(due).replace(tzinfo=zone)
    assert back_up.last_hour(replace(settings, backup_at=None), now=now) is None


def test_a_new_installation_waits_for_its_first_night(settings: config.Settings, session: Any, now: datetime):
    assert not back_up.something_waits(now=now)
    cast.hire("dana", now)
    assert not back_up.something_waits(now=now)
    assert back_up.something_waits(now=now + timedelta(days=1))


def test_one_is_made_a_night_and_is_on_record(settings: config.Settings, session: Any, now: datetime):
    cast.hire("dana", now - timedelta(days=3))
    session.commit()
    assert perform(Job("back up", back_up.run, every=timedelta(minutes=1)), limits=settings) == 1
    made = folder.all_backups(settings.backup_dir)
    assert [each.manifest is not None and each.manifest.made_by for each in made] == [back_up.BY]
    assert "backup.created" in [entry.action for entry in audit.latest_entries()]
    assert not back_up.something_waits(now=made[0].made_at + timedelta(minutes=1))
    assert back_up.something_waits(now=made[0].made_at + timedelta(days=1))


def test_one_that_failed_is_tried_again_later(
    settings: config.Settings, session: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    cast.hire("dana", now - timedelta(days=3))

    def full(**_given: object) -> None:
        raise BackupFailed("The disk is full.")

    monkeypatch.setattr(back_up.making, "create", full)
    assert back_up.something_waits(now=now)
    with pytest.raises(BackupFailed):
        back_up.run(limits=settings, now=now)
    assert not back_up.something_waits(now=now + timedelta(minutes=29))
    assert back_up.something_waits(now=now + timedelta(minutes=31))
