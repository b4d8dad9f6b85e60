"""Integrators ask the one decision, for now and for a date."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crm360.kernel import clock


def asked(call: Any, **more: str) -> dict[str, Any]:
    body = {"kind": "email", "value": "LUCJA.kania@example.com", "purpose": "newsletter", "channel": "email"} | more
    answer = call("POST", "/consents/decisions", json=body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def test_the_decision_is_that_of_the_page_and_of_the_send(call: Any, lucja: int) -> None:
    cells = call("GET", f"/profiles/{lucja}").get_json()["consents"]
    cell = next(each for each in cells if each["channel"] == "email")
    said = asked(call, purpose=cell["purpose"])
    assert {name: said[name] for name in ("permitted", "state", "reason", "since")} == {
        name: cell[name] for name in ("permitted", "state", "reason", "since")
    }
    assert (said["permitted"], len(said["evidence"])) == (True, 1)
    long_ago = asked(call, purpose=cell["purpose"], at="2001-01-01T00:00:00Z")
    assert (long_ago["permitted"], long_ago["reason"]) == (False, "nothing_stated")
    assert asked(call, purpose="surveys")["reason"] == "nothing_stated"
    later = asked(call, purpose=cell["purpose"], at=(clock.now() + timedelta(days=9)).isoformat())
    assert later["permitted"], "a time to come counts as now"


def test_what_is_no_address_is_refused(call: Any, lucja: int) -> None:
    body = {"kind": "email", "value": "nobody", "purpose": "newsletter", "channel": "email"}
    assert call("POST", "/consents/decisions", json=body).status_code == 422


def test_an_address_passes_on_and_back_and_no_permission_returns(call: Any, lucja: int) -> None:
    cells = call("GET", f"/profiles/{lucja}").get_json()["consents"]
    purpose = next(each for each in cells if each["channel"] == "email")["purpose"]
    told = {"kind": "email", "value": "LUCJA.kania@example.com", "reason": "the mailbox is a colleague's now"}
    assert call("POST", "/consents/passings", json=told, role="sales").status_code == 403
    passed = call("POST", "/consents/passings", json=told)
    assert passed.status_code == 201, passed.get_data(as_text=True)
    assert {"purpose": purpose, "channel": "email"} in passed.get_json()["ended"]
    assert passed.get_json()["holders"] == [lucja]
    assert asked(call, purpose=purpose)["permitted"] is False
    back = call("POST", "/consents/passings", json=told | {"to": lucja})
    assert (back.status_code, back.get_json()["ended"]) == (201, [])
    assert asked(call, purpose=purpose)["permitted"] is False
    assert call("POST", "/consents/passings", json=told | {"since": "2001-01-01T00:00:00Z"}).status_code == 409
    assert call("POST", "/consents/passings", json=told | {"value": "nobody@example.com"}).status_code == 404
