"""Integrators at the door: one per role, and a customer they sent through it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from crm360.accounts import operations
from crm360.accounts.permissions import ROLES
from crm360.flows import receive
from crm360.kernel import clock
from crm360.kernel.db import db

AT = "2026-02-20T09:30:00Z"
TIME, SAID = re.compile(r'"(\d{4}-\d\d-\d\dT[^"\\]*)"'), re.compile(r"\S{10}T\d\d:\d\d:\d\d\.\d{6}Z")
Call = Callable[..., TestResponse]


@pytest.fixture
def keys(app: Any, now: datetime) -> dict[str, str]:
    """Secrets of one API key per role; a key is called after its role ("sales-key")."""
    made = {role: operations.create_key(kind="api", name=f"{role}-key", role=role, now=now)[1] for role in ROLES}
    db.session.commit()
    return made


@pytest.fixture
def call(client: Any, keys: dict[str, str]) -> Call:
    """`call("GET", "/profiles", role="sales", json=…)`: an answer of the door."""

    def send(method: str, path: str, *, role: str = "admin", headers: Any = (), **kwargs: Any) -> TestResponse:
        carried = {"Authorization": f"Bearer {keys[role]}", **dict(headers)}
        answer: TestResponse = client.open(f"/api/v1{path}", method=method, headers=carried, **kwargs)
        assert not (odd := [each for each in TIME.findall(answer.text) if not SAID.fullmatch(each)]), odd
        return answer

    return send


@pytest.fixture
def drain(app: Any) -> Callable[[], receive.Progress]:
    """Let the worker do what waits."""

    def work() -> receive.Progress:
        progress = receive.process_waiting(now=clock.now())
        db.session.commit()
        return progress

    return work


def order(number: int, **said: Any) -> dict[str, Any]:
    """An order event of K-1."""
    lines = [{"sku": "CZ-1", "name": "Czajnik", "quantity": 1, "unit_price": "89.99"}]
    return {
        "type": "order",
        "event_id": f"order-{number}",
        "external_id": "K-1",
        "occurred_at": f"2026-02-{number:02d}T10:00:00Z",
        "order": {"id": f"A-{number}", "currency": "PLN", "total": "99.99", "shipping": "10.00", "lines": lines} | said,
    }


CONTACT = {
    "external_id": "K-1",
    "occurred_at": AT,
    "source": "erp",
    "fields": {"given_name": "Łucja", "family_name": "Kania", "city": "Gdynia"},
    "identifiers": [
        {"kind": "email", "value": "lucja.kania@example.com", "verified": True},
        {"kind": "phone", "value": "+48 601 700 801"},
    ],
    "attributes": {"segment": "b2b", "second_mail": "kania@work.example"},
    "tags": ["hurt"],
}
CONSENT = {
    "type": "consent",
    "event_id": "consent-1",
    "external_id": "K-1",
    "identifiers": [{"kind": "email", "value": "lucja.kania@example.com"}],
    "occurred_at": AT,
    "consent": {"purpose": "newsletter", "channel": "email", "state": "given", "evidence_grade": "B"},
}
NAMESAKE = {
    "external_id": "K-2",
    "occurred_at": AT,
    "source": "erp",
    "fields": {"given_name": "Bogdan", "family_name": "Zieliński", "city": "Sopot"},
    "identifiers": [{"kind": "email", "value": "bogdan@example.org"}],
}


@pytest.fixture
def lucja(call: Call, drain: Callable[[], receive.Progress]) -> int:
    """Id of a profile with two orders and a consent, all sent through the door."""
    assert call("POST", "/contacts", json=CONTACT).status_code == 202
    events = [order(3), order(5), CONSENT]
    assert call("POST", "/events", json={"source": "erp", "events": events}).status_code == 202
    assert drain() == (4, 0)
    return int(call("GET", "/profiles?q=Kania").get_json()["items"][0]["id"])


@pytest.fixture
def bogdan(call: Call, drain: Callable[[], receive.Progress]) -> int:
    """Id of another profile."""
    assert call("POST", "/contacts", json=NAMESAKE).status_code == 202
    assert drain() == (1, 0)
    return int(call("GET", "/profiles?q=Bogdan").get_json()["items"][0]["id"])
