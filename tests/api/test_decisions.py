"""Merging and undoing over REST."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from crm360.accounts.models import AuditEntry
from crm360.kernel.db import db
from tests.api.conftest import Call


def test_a_merge_and_its_undo(call: Call, lucja: int, bogdan: int):
    merged = call("POST", f"/profiles/{lucja}/merges", json={"with": bogdan, "reason": "one person"})
    assert merged.status_code == 201
    said = merged.get_json()
    kept, retired = said["profile_id"], ({lucja, bogdan} - {said["profile_id"]}).pop()
    assert set(said["profile_ids"]) == {lucja, bogdan}

    shown = call("GET", f"/profiles/{retired}").get_json()
    assert (shown["id"], shown["requested_id"], shown["contact_count"]) == (kept, retired, 2)
    assert shown["links"]["canonical"] == f"/api/v1/profiles/{kept}"
    assert call("GET", f"/profiles/{retired}/timeline").get_json()["profile_id"] == kept

    undone = call("POST", f"/decisions/{said['decision_id']}/undo", json={"reason": "mistake"})
    assert undone.status_code == 200
    assert call("GET", f"/profiles/{retired}").get_json()["id"] == retired
    again = call("POST", f"/decisions/{said['decision_id']}/undo")
    assert (again.status_code, again.mimetype) == (409, "application/problem+json")


def test_decisions_are_recorded_under_the_keys_name(call: Call, lucja: int, bogdan: int):
    said = call("POST", f"/profiles/{lucja}/merges", json={"with": bogdan}).get_json()
    call("POST", f"/decisions/{said['decision_id']}/undo")
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.actor_kind == "key")).all()
    told = {(entry.action, entry.subject_id, entry.actor_name) for entry in entries}
    assert {("profiles.merged", lucja, "admin-key"), ("profiles.merged", bogdan, "admin-key")} <= told
    assert ("decision.undone", bogdan, "admin-key") in told


@pytest.mark.parametrize("role", ["sales", "privacy", "admin"])
def test_roles_that_decide(call: Call, lucja: int, bogdan: int, role: str):
    assert call("POST", f"/profiles/{lucja}/merges", role=role, json={"with": bogdan}).status_code == 201


def test_marketing_does_not_decide(call: Call, lucja: int, bogdan: int):
    refused = call("POST", f"/profiles/{lucja}/merges", role="marketing", json={"with": bogdan})
    assert refused.status_code == 403
    assert "merges.decide" in refused.get_json()["detail"]
    assert call("POST", "/decisions/1/undo", role="marketing").status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"with": "2"}, 422),
        ({"with": 0}, 422),
        ({"with": 2**63}, 422),
        ({"with": 999_999_999}, 404),
        ({"with": 1, "why": "?"}, 422),
    ],
)
def test_merges_that_cannot_be(call: Call, lucja: int, body: dict[str, object], status: int):
    answer = call("POST", f"/profiles/{lucja}/merges", json=body)
    assert (answer.status_code, answer.get_json()["status"]) == (status, status)


def test_a_profile_is_not_merged_with_itself(call: Call, lucja: int):
    answer = call("POST", f"/profiles/{lucja}/merges", json={"with": lucja})
    assert answer.status_code == 422
    assert "two different customers" in answer.get_json()["detail"]


def test_an_unknown_decision(call: Call):
    assert call("POST", "/decisions/987654/undo").status_code == 404
