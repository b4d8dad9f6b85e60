"""`flask webhooks` in this process."""

from __future__ import annotations

import json
from typing import Any

from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.webhooks import kinds, operations
from crm360.webhooks.kinds import Happened
from crm360.webhooks.outbox import record
from tests import peers
from tests.peers import Answer


def said(runner: Any, *arguments: str) -> str:
    result = runner.invoke(args=["webhooks", *arguments])
    assert result.exit_code == 0, result.output
    return str(result.stdout).strip()


def test_an_operators_day(runner: Any):
    with peers.listening(Answer(204)) as peer:
        secret = said(runner, "create", peer.url, "--kind", kinds.CREATED, "--description", "ERP").splitlines()[-1]
        assert secret.startswith("whsec_")
        ((endpoint),) = json.loads(said(runner, "list", "--json"))
        one = str(endpoint["id"])
        assert (endpoint["url"], endpoint["kinds"]) == (peer.url, [kinds.CREATED])
        record(events=[Happened(kinds.CREATED, 7)], now=clock.now())
        db.session.commit()
        said(runner, "test", one)
        runner.invoke(args=["jobs", "run-once"])
        assert len(peer.heard) == 2
        (test, created) = json.loads(said(runner, "deliveries", "--json", "--endpoint", one))
        assert [(each["kind"], each["last"]) for each in (test, created)] == [
            ("endpoint.tested", 204),
            (kinds.CREATED, 204),
        ]
        assert said(runner, "redeliver", str(created["id"])) == "1"
        runner.invoke(args=["jobs", "run-once"])
        assert len(peer.heard) == 3
    assert said(runner, "rotate", one) != secret
    said(runner, "pause", one)
    assert "by_hand" in said(runner, "list")
    said(runner, "resume", one)
    assert said(runner, "redeliver", "--endpoint", one, "--since", "2026-01-01") == "0"
    assert "profile.created" in said(runner, "deliveries", "--state", "delivered")
    said(runner, "remove", one)
    assert json.loads(said(runner, "list", "--json")) == []


def test_what_is_not_there_is_said(runner: Any):
    result = runner.invoke(args=["webhooks", "pause", "99"])
    assert result.exit_code == 1
    assert "no webhook endpoint 99" in result.stderr


def test_the_doctor_says_what_is_paused_because_nothing_arrives(runner: Any):
    made = said(runner, "create", "https://erp.example/").splitlines()
    assert made
    one = json.loads(said(runner, "list", "--json"))[0]["id"]
    assert "webhooks: 1 endpoint" in runner.invoke(args=["doctor"]).stdout
    operations.pause(endpoint_id=one, by="crm360", reason="failing", now=clock.now())
    assert f"paused because nothing arrives: {one}." in runner.invoke(args=["doctor"]).stdout
