"""Rules of values, limits, fields and models over REST: made, listed, lifted, chosen; and who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm360.accounts.models import AuditEntry
from crm360.flows import rulings
from crm360.identity import model_versions
from crm360.identity.engine import fields, model, resolution
from crm360.identity.models import Contact
from crm360.kernel import clock
from crm360.kernel.db import db
from tests.api.conftest import Call

MAIL = "kiosk@sklep.pl"


def sent(number: str, source: str) -> dict[str, Any]:
    return {
        "external_id": number, "source": source, "occurred_at": "2026-02-20T09:30:00Z",
        "fields": {"given_name": "Jan", "family_name": "Wrona"}, "identifiers": [{"kind": "email", "value": MAIL}],
    }  # fmt: skip


@pytest.fixture
def pair(call: Call, drain: Any, plain_model: None) -> None:
    for number, source in (("1", "a"), ("2", "b")):
        assert call("POST", "/contacts", json=sent(number, source)).status_code == 202
    drain()


def profiles() -> int:
    return db.session.query(Contact.profile_id).distinct().count()


def test_a_value_is_blocked_listed_and_freed(call: Call, pair: None):
    assert profiles() == 1
    made = call("POST", "/identity/value-rules", json={"kind": "email", "value": "Kiosk@Sklep.pl", "reason": "a kiosk"})
    assert made.status_code == 201
    body = made.get_json()
    assert (body["records"], profiles()) == (2, 2)
    (rule,) = call("GET", "/identity/value-rules?rule=blocked").get_json()["items"]
    assert (rule["id"], rule["made_by"], rule["records"], rule["reason"]) == (body["id"], "admin-key", 2, "a kiosk")
    assert call("POST", "/identity/value-rules", json={"kind": "email", "value": MAIL}).status_code == 409
    assert call("DELETE", f"/identity/value-rules/{rule['id']}").get_json()["records"] == 2
    assert profiles() == 1
    assert call("GET", "/identity/value-rules").get_json()["items"] == []
    (past,) = call("GET", "/identity/value-rules?lifted=true").get_json()["items"]
    assert past["lifted_by"] == "admin-key"
    assert call("DELETE", f"/identity/value-rules/{rule['id']}").status_code == 404
    acts = [entry.action for entry in db.session.query(AuditEntry)]
    assert acts.count("value.ruled") == acts.count("value.freed") == 1


def test_rules_come_page_by_page(call: Call, keys: Any):
    for number in range(3):
        call("POST", "/identity/value-rules", json={"kind": "card", "value": f"4711{number}"})
    first = call("GET", "/identity/value-rules?limit=2").get_json()
    rest = call("GET", f"/identity/value-rules?limit=2&after={first['next_cursor']}").get_json()
    assert [rule["value"] for rule in first["items"] + rest["items"]] == ["47112", "47111", "47110"]
    assert rest["next_cursor"] is None


def test_limits_and_fields_are_read_set_and_applied(call: Call, pair: None):
    rules = call("GET", "/identity/rules").get_json()
    assert {"kind": "customer_id", "most": 1, "usual": 1} in rules["limits"]
    assert not rules["waiting"]
    assert call("PUT", "/identity/rules/limits", json={"kind": "record", "most": 1}).get_json()["waiting"]
    answer = call("PUT", "/identity/rules/fields", json={"field": "city", "rule": "longest"})
    assert answer.status_code == 422
    told = call("PUT", "/identity/rules/fields", json={"field": "phone", "rule": "most_recent"}).get_json()
    assert next(each["rule"] for each in told["fields"] if each["field"] == "phone") == "most_recent"
    rulings.apply(now=clock.now() + timedelta(seconds=1))
    assert profiles() == 2
    assert not call("GET", "/identity/rules").get_json()["waiting"]


def test_models_are_listed_read_and_chosen(call: Call, keys: Any, now: Any):
    raw = {"given_name": ["Anna", "Anna", "Piotr", "Ewa"], "family_name": ["Lis", "Lis", "Lis", "Nowak"]}
    document = model.as_document(resolution.resolve(fields.prepare(raw), None).model)
    stored = model_versions.store(document=document, by="Dana", name="ours", now=now)
    db.session.commit()
    (version,) = call("GET", "/identity/models").get_json()["items"]
    assert (version["name"], version["in_force"], version["waiting"]) == ("ours", False, False)
    assert call("GET", f"/identity/models/{stored}").get_json()["document"]["format"] == document["format"]
    chosen = call("POST", "/identity/models/activations", json={"model_id": stored, "reason": "learned"})
    assert (chosen.status_code, chosen.get_json()["effective_at"]) == (202, None)
    assert call("GET", "/identity/models").get_json()["items"][0]["waiting"]
    assert call("POST", "/identity/models/activations", json={"model_id": stored}).status_code == 409
    assert call("POST", "/identity/models/activations", json={"model_id": 404}).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/identity/value-rules", {"kind": "email", "value": MAIL}),
        ("DELETE", "/identity/value-rules/1", None),
        ("GET", "/identity/rules", None),
        ("PUT", "/identity/rules/limits", {"kind": "email", "most": 3}),
        ("PUT", "/identity/rules/fields", {"field": "phone", "rule": "longest"}),
        ("POST", "/identity/models/activations", {"model_id": 1}),
    ],
)
@pytest.mark.parametrize("role", ["sales", "privacy", "marketing"])
def test_only_administrators_rule(call: Call, keys: Any, method: str, path: str, body: Any, role: str):
    assert call(method, path, role=role, json=body).status_code == 403


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/identity/value-rules", {"kind": "colour", "value": "red"}),
        ("/identity/value-rules", {"kind": "email", "value": ""}),
        ("/identity/value-rules", {"kind": "email", "value": MAIL, "rule": "hated"}),
        ("/identity/models/activations", {}),
    ],
)
def test_nonsense_is_refused(call: Call, keys: Any, path: str, body: Any):
    assert call("POST", path, json=body).status_code == 422
