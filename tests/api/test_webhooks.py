"""Outgoing webhooks over REST."""

from __future__ import annotations

from typing import Any

import pytest
from standardwebhooks import Webhook

from crm360.accounts import audit
from crm360.jobs import webhooks
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.webhooks import kinds
from crm360.webhooks.kinds import Happened
from crm360.webhooks.outbox import record
from tests import peers
from tests.api.conftest import Call
from tests.peers import Answer


def test_an_endpoints_life(app: Any, call: Call):
    with peers.listening(Answer(500, {}, b"oops"), Answer(204)) as peer:
        made = call("POST", "/webhooks", json={"url": peer.url, "description": "ERP"})
        assert made.status_code == 201
        told = made.get_json()
        secret, path = told["secret"], f"/webhooks/{told['id']}"
        test = call("POST", f"{path}/tests").get_json()
        webhooks.courier(app).deliver_all()
        shown = call("GET", f"/webhook-deliveries/{test['id']}").get_json()
        assert [(each["status"], each["answer"]) for each in shown["attempts"]] == [(500, "oops")]
        assert call("POST", f"/webhook-deliveries/{test['id']}/redelivery").status_code == 202
        webhooks.courier(app).deliver_all()
        assert call("GET", f"/webhook-deliveries/{test['id']}").get_json()["state"] == "delivered"
        Webhook(secret).verify(peer.heard[1].body, dict(peer.heard[1].headers))
    assert "secret" not in call("GET", path).get_json()
    new = call("POST", f"{path}/secrets").get_json()
    assert new["secret"] != secret
    assert new["old_secret_until"]
    changed = call("POST", f"{path}/changes", json={"kinds": ["consent.changed"]}).get_json()
    assert (changed["kinds"], changed["description"]) == (["consent.changed"], "ERP")
    assert call("POST", f"{path}/pause").get_json()["paused"]["reason"] == "by_hand"
    assert call("POST", f"{path}/tests").status_code == 409
    assert call("POST", f"{path}/resumption").get_json()["paused"] is None
    assert call("POST", f"{path}/removal").status_code == 204
    assert call("GET", path).status_code == 404
    actions = [entry.action for entry in reversed(audit.entries_of("webhook", told["id"]))]
    steps = ("created", "redelivered", "rotated", "changed", "paused", "resumed", "removed")
    assert actions == [f"webhook.{step}" for step in steps]


def test_the_log_is_filtered_and_paged(app: Any, call: Call):
    one = call("POST", "/webhooks", json={"url": "https://erp.example/"}).get_json()["id"]
    record(events=[Happened(kinds.CREATED, number) for number in (1, 2, 3)], now=clock.now())
    record(events=[Happened(kinds.ERASED, 1)], now=clock.now())
    db.session.commit()
    first = call("GET", f"/webhook-deliveries?endpoint_id={one}&limit=3").get_json()
    rest = call("GET", f"/webhook-deliveries?endpoint_id={one}&limit=3&after={first['next_cursor']}").get_json()
    told = [(each["kind"], each["profile_id"]) for each in first["items"] + rest["items"]]
    assert told == [("profile.erased", 1), ("profile.created", 3), ("profile.created", 2), ("profile.created", 1)]
    assert rest["next_cursor"] is None
    assert len(call("GET", "/webhook-deliveries?profile_id=1&kind=profile.erased").get_json()["items"]) == 1
    assert call("GET", "/webhook-deliveries?state=delivered").get_json()["items"] == []
    assert call("GET", "/webhooks").get_json()["items"][0]["waiting"] == 4


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "ftp://erp.example/"}, "url"),
        ({"url": "https://erp.example/", "kinds": ["profile.deleted"]}, "kinds.0"),
        ({"url": "https://erp.example/", "secret": "mine"}, "secret"),
    ],
)
def test_what_cannot_be_an_endpoint(call: Call, body: dict[str, Any], field: str):
    answer = call("POST", "/webhooks", json=body)
    assert answer.status_code == 422
    assert field in answer.get_json()["errors"]


@pytest.mark.parametrize("role", ["sales", "marketing", "privacy"])
def test_others_than_administrators_are_refused(call: Call, role: str):
    assert call("GET", "/webhooks", role=role).status_code == 403
    assert call("POST", "/webhooks", role=role, json={"url": "https://erp.example/"}).status_code == 403
