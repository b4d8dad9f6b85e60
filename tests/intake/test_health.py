"""What a monitor is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from crm360.inbox import operations as inbox
from crm360.inbox.operations import NewPayload
from crm360.intake import vitals
from crm360.kernel import clock, heartbeat
from crm360.kernel.db import db as bridge
from crm360.outbox import operations as outbox
from crm360.outbox.operations import NewLetter


@pytest.fixture
def no_heartbeat(app: Flask) -> None:
    (app.config["SETTINGS"].instance_dir / heartbeat.FILE_NAME).unlink(missing_ok=True)


@pytest.mark.usefixtures("no_heartbeat")
def test_it_counts_and_says_how_the_worker_is(app: Flask, client: Any) -> None:
    now = clock.now()
    source = inbox.ensure_source(name="web", channel="tracking", now=now)
    items = [NewPayload(str(number), b"{}") for number in range(3)]
    inbox.keep(source_id=source.id, channel="tracking", items=items, now=now)
    inbox.keep_unreadable(source_id=source.id, channel="tracking", item=NewPayload("x", b""), reason="why", now=now)
    expected = {"status": "ok", "database": "ok", "inbox_waiting": 3, "quarantined": 1}
    assert client.get("/healthz").get_json() == expected | {"worker": "never seen", "worker_seconds": None}
    heartbeat.beat(app.config["SETTINGS"].instance_dir, now=now - timedelta(minutes=5))
    late = client.get("/healthz").get_json()
    assert (late["worker"], late["worker_seconds"] >= 300) == ("late", True)
    heartbeat.beat(app.config["SETTINGS"].instance_dir, now=clock.now())
    assert client.get("/healthz").get_json()["worker"] == "working"


def test_it_is_unwell_without_its_tables(client: Any, session: Any) -> None:
    bridge.session.execute(bridge.text("ALTER TABLE inbox_payload RENAME TO inbox_gone"))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "unavailable")


def test_it_is_ready_once_the_schema_is_what_this_version_needs(client: Any, session: Any) -> None:
    assert client.get("/readyz").get_json()["status"] == "ready"
    bridge.session.execute(bridge.text("UPDATE alembic_version SET version_num = '0001'"))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["schema"]) == (503, "behind")


def test_nothing_is_measured_without_a_token(client: Any) -> None:
    assert client.get("/metrics").status_code == 404


@pytest.mark.usefixtures("no_heartbeat", "session")
def test_gauges_say_what_waits_and_since_when(app: Flask) -> None:
    now = clock.now()
    early, late = now - timedelta(minutes=5), now + timedelta(minutes=5)
    letters = [a_letter("early", due_at=early), a_letter("late", due_at=late)]
    outbox.promise(letters=letters, domain="lipowa.example", now=now)
    told = figures(app, now=now)
    assert (told["crm360_letters_due"], told["crm360_letters_late_seconds"]) == (1, 300)
    assert (told["crm360_webhooks_due"], told["crm360_database_up"]) == (0, 1)
    assert told["crm360_disk_free_bytes"] > 0
    assert "crm360_worker_seconds" not in told


@pytest.mark.usefixtures("session")
def test_gauges_of_a_database_that_is_away_say_so(app: Flask) -> None:
    bridge.session.execute(bridge.text("ALTER TABLE inbox_payload RENAME TO inbox_gone"))
    assert figures(app, now=clock.now()) == {"crm360_database_up": 0}


def a_letter(name: str, *, due_at: datetime) -> NewLetter:
    return NewLetter(
        dedup_key=name, subject_of="case:1", to_address="anna@example.com", purpose="service", subject="Zgoda",
        text="Dzień dobry", due_at=due_at,
    )  # fmt: skip


def figures(app: Flask, *, now: datetime) -> dict[str, float]:
    """Gauge → value."""
    return {each.name: each.value for each in vitals.gauges(instance=app.config["SETTINGS"].instance_dir, now=now)}
