"""How often a sender may come, when the operator says."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask

import config
from crm360.app import create_app
from crm360.intake.shared_counts import SharedCounts
from crm360.kernel import schema
from crm360.kernel.db import db
from tests.processes import PATIENCE_SECONDS


@pytest.fixture
def limited(tmp_path: Path) -> Any:
    """An application of its own, whose door takes two requests a minute."""
    environment = {"INSTANCE_DIR": str(tmp_path), "INTAKE_LIMIT": "2 per minute", "SECRET_KEY": "x" * 40}
    app: Flask = create_app(config.load(environment))
    with app.app_context():
        schema.upgrade(db.engine)
    yield app
    with app.app_context():
        db.engine.dispose()


def test_who_comes_too_often_is_told_when_to_come_again(limited: Flask) -> None:
    client = limited.test_client()
    answers = [client.post("/v1/track", json={}, headers={"Origin": "https://shop.example"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert answers[2].get_json()["code"] == "too_many_requests"
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60
    assert answers[2].headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert client.get("/healthz").status_code == 200


def test_all_processes_count_together(tmp_path: Path) -> None:
    """Four processes and some threads in each; not one call is lost or counted twice."""
    program = (
        "import sys, threading; from crm360.intake.shared_counts import SharedCounts\n"
        "counts = SharedCounts('shared://' + sys.argv[1])\n"
        "def come(): [counts.incr(f'sender-{n % 3}', 600) for n in range(300)]\n"
        "threads = [threading.Thread(target=come) for _ in range(3)]\n"
        "[thread.start() for thread in threads]; [thread.join() for thread in threads]"
    )
    file = str(tmp_path / "counts")
    running = [subprocess.Popen([sys.executable, "-c", program, file], cwd=config.ROOT) for _ in range(4)]
    assert [process.wait(PATIENCE_SECONDS) for process in running] == [0] * 4
    counts = SharedCounts(f"shared://{file}")
    assert [counts.get(f"sender-{n}") for n in range(3)] == [1200] * 3
    assert 500 < counts.get_expiry("sender-0") - time.time() <= 600
    counts.clear("sender-0")
    assert (counts.get("sender-0"), counts.get("sender-1")) == (0, 1200)
    counts.reset()
    assert counts.get("sender-1") == 0


def test_a_full_neighbourhood_gives_way_and_a_span_ends(tmp_path: Path) -> None:
    counts = SharedCounts(f"shared://{tmp_path / 'counts'}")
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        assert [counts.incr("a", 10), counts.incr("a", 10), counts.get("a")] == [1, 2, 2]
        clock.shift(11)
        assert (counts.get("a"), counts.incr("a", 10)) == (0, 1)
    for number in range(4_000):
        assert counts.incr(f"other-{number}", 60) == 1


def test_a_preflight_is_not_counted(limited: Flask) -> None:
    client = limited.test_client()
    assert [client.options("/v1/track").status_code for _ in range(4)] == [204] * 4
