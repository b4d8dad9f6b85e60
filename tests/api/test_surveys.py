"""Surveys over REST: made, switched on, answered by another system once, read with their score."""

from __future__ import annotations

from typing import Any

from crm360.kernel.db import db
from crm360.sales.models import Task
from tests.api.conftest import Call
from tests.outreach import crowd


def test_a_surveys_life(call: Call, session: Any, alice: Any, now: Any, plain_model: None) -> None:
    ((_, profile),) = crowd.many(now, [(("ewa@example.com",), {})])
    session.commit()
    wording = {"name": "Delivery", "kind": "nps", "question_en": "Well?", "question_pl": "I jak?", "owner_id": alice.id}
    assert call("POST", "/surveys", role="sales", json=wording).status_code == 403
    assert call("POST", "/surveys", json=wording | {"trigger": "segment"}).status_code == 422
    made = call("POST", "/surveys", json=wording | {"trigger": "order"})
    assert (made.status_code, made.get_json()["score"]) == (201, None)
    path = f"/surveys/{made.get_json()['id']}"
    assert call("POST", f"{path}/activation").get_json()["active_since"]
    assert call("POST", f"{path}/deactivation").get_json()["active_since"] is None
    bad = {"event_id": "a-1", "profile_id": profile, "score": 3, "body": "Came late", "store": "Gdynia"}
    for sent in (bad, bad, {"event_id": "a-2", "score": 10}):
        assert call("POST", f"{path}/answers", json=sent).status_code == 200
    assert call("POST", f"{path}/answers", json={"event_id": "a-3", "score": None}).status_code == 422
    page = call("GET", f"{path}/answers?limit=1").get_json()
    assert (page["score"]["value"], page["score"]["answers"], page["items"][0]["profile_id"]) == (0, 2, None)
    rest = call("GET", f"{path}/answers?limit=1&before={page['next_before']}").get_json()
    assert (rest["items"][0]["profile_id"], rest["items"][0]["body"], rest["next_before"]) == (
        profile,
        "Came late",
        None,
    )
    assert call("GET", f"{path}/answers?store=Gdynia").get_json()["score"]["value"] == -100
    assert db.session.query(Task).one().title == "Delivery: 3/10"
    assert call("PUT", path, json=wording | {"kind": "csat"}).status_code == 422
    assert call("PUT", path, json=wording | {"name": "Parcel"}).get_json()["name"] == "Parcel"
    assert [each["name"] for each in call("GET", "/surveys").get_json()["items"]] == ["Parcel"]
