"""Segments over REST: made, counted, read, tried; a rule that is not understood is refused with its place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crm360.flows import segmenting
from crm360.kernel import clock
from crm360.profiles import operations as golden
from tests.api.conftest import Call
from tests.outreach import crowd

HAS_EMAIL = {"match": {"group": "all", "of": [{"if": "identifier", "kind": "email", "op": "has"}]}}


def test_a_segments_life(session: Any, call: Call, plain_model: None) -> None:
    made = crowd.many(clock.now() - timedelta(days=9), [((f"p{number}@example.com",), {}) for number in range(3)])
    profiles = sorted(profile for _, profile in made)
    golden.refresh(profile_ids=profiles, now=clock.now())
    session.commit()
    counted = call("POST", "/segments/count", role="marketing", json={"rule": HAS_EMAIL}).get_json()
    assert (counted["matched"], counted["conditions"][0]["words"]) == (3, "Has e-mail address")
    answer = call("POST", "/segments", json={"name": "Mail", "rule": HAS_EMAIL})
    assert answer.status_code == 201
    path = f"/segments/{answer.get_json()['id']}"
    while segmenting.work_off(now=clock.now()):
        session.commit()
    page = call("GET", f"{path}/members?limit=2").get_json()
    rest = call("GET", f"{path}/members?limit=2&after={page['next_after']}").get_json()
    then = call("GET", f"{path}/members?at=2001-01-01T00:00:00Z").get_json()
    assert then == {"items": [], "next_after": None}
    assert call("GET", f"{path}/members?at=2190-01-01T00:00:00Z&limit=2").get_json() == page
    assert [each["profile_id"] for each in page["items"] + rest["items"]] == profiles
    assert call("GET", f"{path}/count").get_json()["matched"] == 3
    tried = call("POST", f"{path}/test", json={"profile_id": profiles[0]}).get_json()
    assert (tried["met"], tried["conditions"][0]["met"]) == (True, True)
    assert [each["members"] for each in call("GET", "/segments").get_json()["items"]] == [3]
    assert call("POST", "/segments", role="sales", json={"name": "No", "rule": HAS_EMAIL}).status_code == 403
    wrong = call("POST", "/segments/count", json={"rule": {"match": {"group": "all", "of": [{"if": "feld"}]}}})
    assert wrong.status_code == 422
    assert "match.of[0].if" in wrong.get_data(as_text=True)
