"""Campaigns over REST: planned, launched, watched, read recipient by recipient."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crm360.kernel import clock
from tests.api.conftest import Call
from tests.outreach import crowd


def test_a_campaigns_life(session: Any, call: Call, plain_model: None) -> None:
    now = clock.now()
    made = crowd.many(now - timedelta(days=9), [((f"p{number}@example.com",), {}) for number in range(4)])
    for number, (contact, _) in enumerate(made[:3]):
        crowd.say(contact, f"p{number}@example.com", "given", now - timedelta(days=2))
    template = crowd.template(now)
    session.commit()
    planned = {
        "name": "Coffee",
        "audience": {"kind": "profiles", "profile_ids": [profile for _, profile in made]},
        "templates": [template],
    }
    answer = call("POST", "/campaigns", role="marketing", json=planned)
    assert answer.status_code == 201
    told = answer.get_json()
    assert (told["state"], told["waterfall"][0]["left"], told["waterfall"][-1]["left"]) == ("draft", 4, 3)
    path = f"/campaigns/{told['id']}"
    assert call("POST", f"{path}/launch", role="sales").status_code == 403
    assert call("POST", f"{path}/launch").get_json()["outcomes"] == {"waiting": 3, "skipped": 1}
    assert call("POST", f"{path}/launch").status_code == 409
    assert call("POST", f"{path}/pause").get_json()["state"] == "paused"
    assert call("POST", f"{path}/resumption").get_json()["state"] == "running"
    crowd.work(crowd.Wire(), clock.now())
    session.commit()
    shown = call("GET", path).get_json()
    assert (shown["state"], shown["outcomes"]) == ("finished", {"sent": 3, "skipped": 1})
    page = call("GET", f"{path}/recipients?state=sent&limit=2").get_json()
    assert [each["reason"] for each in page["items"]] == ["consent_given"] * 2
    assert page["next_after"] == page["items"][-1]["id"]
    assert call("POST", f"{path}/cancellation").status_code == 409
    assert [each["id"] for each in call("GET", "/campaigns").get_json()["items"]] == [told["id"]]
    bad = call("POST", "/campaigns", json=planned | {"plan": {"control_percent": 90}})
    assert bad.status_code == 422
