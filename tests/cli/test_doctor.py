"""What the doctor finds of each thing it looks at, sound and unsound."""

from __future__ import annotations

import dataclasses
import socket
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from crm360.consents import grants
from crm360.doctor import machine, queues
from crm360.kernel import clock, dialects
from crm360.outbox import operations as outbox
from crm360.outbox.operations import NewLetter
from tests.mail_servers import HoldingSink, receiving, sent_through
from tests.processes import free_port


@pytest.mark.parametrize(("left", "level"), [(10**8, "error"), (10**9, "warning"), (10**10, "ok")])
def test_a_disk_that_fills_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int, level: str) -> None:
    usage = machine.shutil.disk_usage(tmp_path)._replace(free=left)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _folder: usage)
    assert machine.disk(tmp_path).level == level


def test_secrets_others_can_read(tmp_path: Path) -> None:
    kept = tmp_path / "secret_key"
    kept.write_text("x" * 40)
    kept.chmod(0o600)
    assert machine.secrets(tmp_path).level == "ok"
    kept.chmod(0o640)
    found = machine.secrets(tmp_path)
    assert (found.level, found.advice) == ("warning", f"Run `chmod 600 {kept}`.")


def test_libraries_of_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.documents().level == "ok"
    monkeypatch.setattr(machine.paper, "missing", lambda: ("pango-1.0",))
    found = machine.documents()
    assert (found.level, found.what) == ("error", "documents: PDF cannot be made, pango-1.0 are missing.")
    assert "libpango-1.0-0" in found.advice


def test_a_log_that_is_never_folded_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "LONG_LOG_BYTES", 1000)
    url, log = f"sqlite:///{tmp_path / 'a.sqlite3'}", tmp_path / "a.sqlite3-wal"
    assert [each.level for each in machine.written_ahead(url)] == ["ok"]
    log.write_bytes(b"x" * 1001)
    assert [each.level for each in machine.written_ahead(url)] == ["warning"]
    assert list(machine.written_ahead("postgresql+psycopg://crm@db/crm")) == []


@pytest.mark.usefixtures("session")
def test_the_clock_of_the_database(monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    assert machine.database_clock().level == "ok"
    ahead = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(machine.clock, "now", lambda: ahead)
    assert machine.database_clock().level == ("ok" if database == "sqlite" else "warning")


@pytest.fixture
def late_letter(session: Any) -> None:
    letter = NewLetter(
        dedup_key="late", subject_of="case:1", to_address="anna@example.com", purpose="service", subject="Zgoda",
        text="Dzień dobry", due_at=clock.now() - timedelta(hours=1),
    )  # fmt: skip
    outbox.promise(letters=[letter], domain="lipowa.example", now=clock.now())


def settings(app: Flask, **said: Any) -> Any:
    return dataclasses.replace(app.config["SETTINGS"], **said)


def test_a_backup_that_is_too_old(app: Flask, tmp_path: Path, now: datetime) -> None:
    place = settings(app, backup_dir=tmp_path, backup_at=time(3, 30))
    assert queues.backups(place, now=now) == ("ok", "backups: none yet", "")
    (tmp_path / f"crm360-{now - timedelta(hours=49):%Y%m%dT%H%M%SZ}.zip").touch()
    assert queues.backups(place, now=now).level == "ok"
    later = now + timedelta(hours=2)
    told = queues.backups(place, now=later)
    assert (told.level, told.what) == ("warning", "backups: the latest is 51 hours old.")
    assert queues.backups(settings(app, backup_dir=tmp_path, backup_at=None), now=later).level == "ok"


@pytest.mark.usefixtures("session")
def test_mail_without_a_server_is_fine_until_a_letter_waits(app: Flask) -> None:
    assert queues.letters(settings(app)) == ("ok", "mail: 0 letters due, no server set", "")


@pytest.mark.usefixtures("late_letter")
def test_letters_that_wait_for_a_server(app: Flask) -> None:
    assert queues.letters(settings(app))[:2] == ("warning", "mail: 1 letter due, no server set.")
    closed = settings(app, smtp_url=f"smtp://127.0.0.1:{free_port()}?tls=none")
    assert queues.letters(closed).level == "error"
    with receiving(HoldingSink()) as port:
        told = queues.letters(settings(app, smtp_url=sent_through(port)["SMTP_URL"]))
    assert (told.level, "the oldest for 60 min." in told.what) == ("warning", True)


@pytest.mark.usefixtures("session")
def test_a_server_that_says_nothing_is_not_waited_for_long(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "SERVER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}?tls=none"
        assert queues.letters(settings(app, smtp_url=url)).level == "error"


def test_the_ledger_and_who_may_rewrite_it(session: Any, database: str) -> None:
    assert queues.consents().level == ("ok" if database == "sqlite" else "warning")  # tests own their tables
    if database == "sqlite":
        return
    session.execute(text("CREATE ROLE crm_of_tests"))
    for statement in grants.sql_for("crm_of_tests"):
        session.execute(text(statement))
    session.execute(text("SET LOCAL ROLE crm_of_tests"))
    assert queues.consents().level == "ok"
    assert dialects.may_rewrite(session.connection(), ["consents_statement"]) is False
    session.execute(text("RESET ROLE"))
