"""Contacts and events of integrators: kept once, understood or refused while the sender listens."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from crm360.api import examples
from crm360.identity import queries as identity
from crm360.inbox import operations as inbox
from crm360.inbox.models import Payload
from crm360.kernel.db import db
from tests.api.conftest import AT, CONTACT, Call, order


def kept() -> int:
    return int(db.session.scalar(select(func.count()).select_from(Payload)))


def test_a_contact_becomes_a_profile(call: Call, drain: Any):
    answer = call("POST", "/contacts", json=CONTACT)
    assert (answer.status_code, answer.get_json()) == (202, {"received": 1, "repeated": 0})
    payload = db.session.scalars(select(Payload)).one()
    assert json.loads(payload.body) == {name: value for name, value in CONTACT.items() if name != "source"}
    assert (payload.channel, payload.state, payload.headers) == (
        "api",
        "waiting",
        {"type": "contact", "key": "admin-key"},
    )
    assert drain() == (1, 0)
    assert identity.counts()["contacts"] == 1


def test_the_keys_name_is_the_source_by_default(call: Call, drain: Any):
    call("POST", "/contacts", role="sales", json={"external_id": "7", "fields": {"family_name": "Nowak"}})
    drain()
    (item,) = call("GET", "/profiles?q=Nowak").get_json()["items"]
    assert call("GET", f"/profiles/{item['id']}/contacts").get_json()["items"][0]["source"] == "sales-key"


def test_a_contact_is_updated_and_back_again(call: Call, drain: Any):
    for city in ("Gdynia", "Sopot", "Gdynia"):
        said = call("POST", "/contacts", json={"external_id": "7", "fields": {"family_name": "Nowak", "city": city}})
        assert said.get_json() == {"received": 1, "repeated": 0}
        drain()
    (item,) = call("GET", "/profiles?q=Nowak").get_json()["items"]
    assert item["city"] == "Gdynia"


@pytest.mark.parametrize(
    "said",
    [
        {"external_id": "7", "event_id": "e-1", "occurred_at": AT},
        {"external_id": "7", "event_id": "e-1"},
        {"external_id": "7", "occurred_at": AT},
    ],
)
def test_a_repeated_contact_is_told(call: Call, said: dict[str, Any]):
    assert call("POST", "/contacts", json=said).get_json() == {"received": 1, "repeated": 0}
    assert call("POST", "/contacts", json=said).get_json() == {"received": 0, "repeated": 1}


def test_a_repeat_is_told_by_the_key_of_the_call(call: Call):
    said, header = {"external_id": "7"}, {"Idempotency-Key": "once"}
    assert call("POST", "/contacts", json=said, headers=header).get_json()["received"] == 1
    assert call("POST", "/contacts", json=said, headers=header).get_json() == {"received": 0, "repeated": 1}
    events = {"events": [{k: v for k, v in order(n).items() if k not in ("event_id", "occurred_at")} for n in (1, 2)]}
    assert call("POST", "/events", json=events, headers=header).get_json()["received"] == 2
    assert call("POST", "/events", json=events, headers=header).get_json() == {"received": 0, "repeated": 2}


def test_events_are_kept_once_by_id_else_by_content(call: Call):
    by_id, by_content = order(1), {k: v for k, v in order(2).items() if k != "event_id"}
    body = {"source": "erp", "events": [by_id, by_content, by_id]}
    assert call("POST", "/events", json=body).get_json() == {"received": 2, "repeated": 1}
    assert call("POST", "/events", json=body).get_json() == {"received": 0, "repeated": 3}
    assert kept() == 2


def test_every_example_of_the_document_is_understood(call: Call, drain: Any):
    assert call("POST", "/contacts", json=examples.CONTACT).status_code == 202
    for example in examples.EVENTS.values():
        assert call("POST", "/events", json=example["value"]).get_json() == {"received": 1, "repeated": 0}
    assert drain() == (7, 0)
    (item,) = call("GET", "/profiles?q=Kania").get_json()["items"]
    kinds = {e["kind"] for e in call("GET", f"/profiles/{item['id']}/timeline").get_json()["items"]}
    assert {"order.placed", "cart.added", "message.in", "consent.given", "quiz.finished"} <= kinds


def test_a_thousand_events_in_one_call(call: Call, drain: Any):
    events = [order(1) | {"event_id": f"e-{number}"} for number in range(1000)]
    assert call("POST", "/events", json={"events": events}).get_json()["received"] == 1000
    more = call("POST", "/events", json={"events": [*events, order(2)]})
    assert more.status_code == 422
    assert "events" in more.get_json()["errors"]


@pytest.mark.parametrize(("role", "status"), [("sales", 202), ("marketing", 202), ("privacy", 403), ("admin", 202)])
def test_roles_that_may_send(call: Call, role: str, status: int):
    assert call("POST", "/contacts", role=role, json={"external_id": "7"}).status_code == status
    assert call("POST", "/events", role=role, json={"events": [order(1)]}).status_code == status
    assert kept() == (2 if status == 202 else 0)


WRONG_EVENTS: list[tuple[dict[str, Any], str]] = [
    ({"type": "dance"}, "events.1.type"),
    ({"order": None}, "events.1.order"),
    ({"occurred_at": "yesterday"}, "events.1.occurred_at"),
    ({"occurred_at": "2026-02-01T10:00:00"}, "events.1.occurred_at"),
    ({"occurred_at": "2150-02-01T10:00:00Z"}, "events.1"),
    ({"surprise": 1}, "events.1.surprise"),
    ({"event_id": ""}, "events.1.event_id"),
    ({"external_id": "null"}, "events.1"),
    ({"identifiers": [{"kind": "fax", "value": "1"}]}, "events.1.identifiers.0.kind"),
    ({"order": {"id": "1", "currency": "zł"}}, "events.1.order.currency"),
    ({"order": {"id": "1", "currency": "PLN", "total": "12,50"}}, "events.1.order.total"),
    ({"order": {"id": "1", "currency": "PLN", "lines": [{"sku": 7}]}}, "events.1.order.lines.0.sku"),
    ({"cart": {"action": "added"}}, "events.1.cart"),
    ({"type": "consent", "order": ...}, "events.1.consent"),
    ({"type": "activity", "order": ..., "activity": {"kind": "order.placed"}}, "events.1"),
    ({"type": "consent", "order": ..., "consent": {"purpose": "a", "channel": "sms", "state": "given"}}, "events.1"),
]


@pytest.mark.parametrize(("change", "field"), WRONG_EVENTS)
def test_one_wrong_event_is_named_and_none_is_kept(call: Call, change: dict[str, Any], field: str):
    wrong = {name: value for name, value in (order(2) | change).items() if value is not ...}
    answer = call("POST", "/events", json={"events": [order(1), wrong]})
    assert answer.status_code == 422, answer.get_json()
    assert set(answer.get_json()["errors"]) == {field}
    assert kept() == 0


def test_an_event_that_could_not_be_told_from_its_repeat_is_refused(call: Call):
    bare = {k: v for k, v in order(1).items() if k not in ("event_id", "occurred_at")}
    answer = call("POST", "/events", json={"events": [bare]})
    assert (answer.status_code, set(answer.get_json()["errors"])) == (422, {"events.0.event_id"})


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "external_id"),
        ({"external_id": 7}, "external_id"),
        ({"external_id": "7", "fields": {"shoe_size": "43"}}, "fields.shoe_size"),
        ({"external_id": "7", "fields": {"birth_date": "43"}}, "fields.birth_date"),
        ({"external_id": "7", "fields": {"city": "a\x07b"}}, "fields.city"),
        ({"external_id": "7", "identifiers": [{"kind": "email"}]}, "identifiers.0.value"),
        ({"external_id": "7", "colour": "red"}, "colour"),
        ({"external_id": "7", "source": "a/b"}, "name"),
        ({"external_id": "undefined"}, "body"),
    ],
)
def test_wrong_contacts_are_told_where(call: Call, said: dict[str, Any], field: str):
    answer = call("POST", "/contacts", json=said)
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {field}
    assert kept() == 0


def test_a_name_of_another_channel_is_taken(call: Call, now: Any):
    inbox.ensure_source(name="web", channel="tracking", now=now)
    answer = call("POST", "/contacts", json={"external_id": "7", "source": "web"})
    assert answer.status_code == 409
    assert "tracking" in answer.get_json()["detail"]
    assert kept() == 0
