"""What a monitor is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from crm360.inbox import operations as inbox
from crm360.inbox.operations import NewPayload
from crm360.kernel import clock, heartbeat
from crm360.kernel.db import db as bridge


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
