"""How often a sender may come, when the operator says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import config
from crm360.app import create_app
from crm360.kernel import schema
from crm360.kernel.db import db


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


def test_a_preflight_is_not_counted(limited: Flask) -> None:
    client = limited.test_client()
    assert [client.options("/v1/track").status_code for _ in range(4)] == [204] * 4
