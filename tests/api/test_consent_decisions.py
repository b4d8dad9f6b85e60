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
