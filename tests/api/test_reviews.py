"""Questions that wait, their answers, and decisions made and taken back over REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import AT, CONTACT, NAMESAKE, Call
from tests.api.test_identity import AGAIN, SISTER, trail, where
from tests.api.test_profiles import MOST_STATEMENTS, statements

#: Who is who, golden records and search terms are brought up to date before the answer.
MOST_OF_A_DECISION = 50


@pytest.fixture
def kept(call: Call, drain: Callable[[], Any]) -> dict[str, tuple[int, int]]:
    """external id → (contact id, profile id) of Łucja in two systems, her sister and Bogdan."""
    for contact in (CONTACT, AGAIN, SISTER, NAMESAKE):
        assert call("POST", "/contacts", json=contact).status_code == 202
    assert drain().quarantined == 0
    return where()


def test_a_story_of_two_records(call: Call, drain: Callable[[], Any]):
    """Merged by evidence, merged by word, split, undone: the history tells all of it and ids come back."""
    for contact in (CONTACT, NAMESAKE):
        call("POST", "/contacts", json=contact)
    drain()
    (one, lucja), (two, bogdan) = where()["K-1"], where()["K-2"]
    merged = call("POST", f"/profiles/{lucja}/merges", json={"with": bogdan, "reason": "one person"}).get_json()
    explained = call("GET", f"/contacts/{one}/explanation/{two}").get_json()
    assert (explained["verdict"], explained["together"]) == ("decided", True)
    assert explained["decisions"] == [{"decision_id": merged["decision_id"], "same": True}]
    assert [(tie["decision_id"], tie["weight"]) for tie in explained["path"]] == [(merged["decision_id"], None)]
    (tie,) = call("GET", f"/profiles/{lucja}/connections").get_json()["items"]
    assert tie["decision_id"] == merged["decision_id"]

    split = call("POST", f"/profiles/{lucja}/splits", json={"contact_ids": [two], "reason": "no, two"})
    assert split.status_code == 201
    said = split.get_json()
    assert {said["profile_id"], said["split_off_id"]} <= set(said["profile_ids"])
    assert (where()["K-1"][1], where()["K-2"][1]) == (said["profile_id"], said["split_off_id"])
    assert (said["profile_id"], said["split_off_id"]) == (lucja, bogdan)

    steps = call("GET", f"/profiles/{lucja}/history").get_json()["items"]
    told = [(step["kind"], step["decision_id"], step["can_undo"]) for step in steps if step["decision_id"]]
    assert told == [("split", said["decision_id"], True), ("merge", merged["decision_id"], True)]
    assert {step["made_by"] for step in steps} == {"admin-key"}

    for decision_id in (said["decision_id"], merged["decision_id"]):
        assert call("POST", f"/decisions/{decision_id}/undo").status_code == 200
    assert (where()["K-1"][1], where()["K-2"][1]) == (lucja, bogdan)
    for profile in (lucja, bogdan):
        assert call("GET", f"/profiles/{profile}").get_json()["id"] == profile
        steps = call("GET", f"/profiles/{profile}/history").get_json()["items"]
        decided = [step for step in steps if step["decision_id"]]
        assert [(step["can_undo"], step["undone_by"]) for step in decided] == [(False, "admin-key")] * 2
    assert {entry.subject_id for entry in trail("profile.split")} == {lucja, bogdan}


def test_records_joined_by_evidence_are_split_and_stay_so(call: Call, kept: Any, drain: Callable[[], Any]):
    contact, profile = kept["S-1"]
    said = call("POST", f"/profiles/{profile}/splits", json={"contact_ids": [contact]}).get_json()
    assert {where()["K-1"][1], where()["S-1"][1]} == {said["profile_id"], said["split_off_id"]}
    call("POST", "/contacts", json=AGAIN | {"occurred_at": AT, "fields": {"city": "Gdynia"}})
    drain()
    assert where()["K-1"][1] != where()["S-1"][1]
    explained = call("GET", f"/contacts/{contact}/explanation/{kept['K-1'][0]}").get_json()
    assert (explained["verdict"], explained["together"]) == ("decided", False)


def test_a_review_is_read_answered_and_gone(call: Call, kept: Any):
    (asked,) = call("GET", "/reviews").get_json()["items"]
    assert {asked["left"]["profile_id"], asked["right"]["profile_id"]} == {kept["K-1"][1], kept["S-2"][1]}
    assert {asked["left"]["display_name"], asked["right"]["display_name"]} == {"Łucja Kania", "Barbara Kania"}
    assert "email" in {row["field"] for row in asked["evidence"]}
    assert asked["held"]["reason"] in ("doubt", "conflict", "whole")
    assert {entry.subject_id for entry in trail("profile.compared")} == {kept["K-1"][1], kept["S-2"][1]}
    ends = {f"{side}_contact_id": asked[side]["contact_id"] for side in ("left", "right")}
    answer = call("POST", "/reviews/answers", json={**ends, "same": False, "reason": "sisters"})
    assert (answer.status_code, answer.get_json()["profile_id"]) == (201, None)
    assert call("GET", "/reviews").get_json()["items"] == []
    assert {entry.subject_id for entry in trail("profiles.distinguished")} == {kept["K-1"][1], kept["S-2"][1]}

    call("POST", f"/decisions/{answer.get_json()['decision_id']}/undo")
    merged = call("POST", "/reviews/answers", role="sales", json={**ends, "same": True}).get_json()
    assert merged["profile_id"] == min(kept["K-1"][1], kept["S-2"][1])
    assert where()["S-2"][1] == where()["K-1"][1] == merged["profile_id"]
    assert {entry.actor_name for entry in trail("profiles.merged")} == {"sales-key"}


def test_reviews_page_by_page(call: Call, kept: Any, drain: Callable[[], Any]):
    for at, given in enumerate(("Celina", "Dorota")):
        fields = {"given_name": given, "family_name": "Kania"}
        mail = [{"kind": "email", "value": f"dom{at}@example.com"}]
        call("POST", "/contacts", json=SISTER | {"external_id": f"D-{at}", "fields": fields, "identifiers": mail})
        fields = {"given_name": "Adam", "family_name": "Kania"}
        call("POST", "/contacts", json=SISTER | {"external_id": f"A-{at}", "fields": fields, "identifiers": mail})
    drain()
    whole = call("GET", "/reviews").get_json()["items"]
    assert len(whole) >= 3
    found, cursor = [], ""
    while cursor is not None:
        page = call("GET", "/reviews", query_string={"limit": 1, "after": cursor}).get_json()
        found, cursor = found + page["items"], page["next_cursor"]
    assert found == whole


def test_two_profiles_told_apart(call: Call, kept: Any):
    pair = {kept["K-1"][1], kept["S-2"][1]}
    said = call("POST", f"/profiles/{kept['K-1'][1]}/distinctions", json={"from": kept["S-2"][1], "reason": "sisters"})
    assert (said.status_code, said.get_json()["profile_id"]) == (201, kept["K-1"][1])
    assert call("GET", "/reviews").get_json()["items"] == []
    assert {entry.subject_id for entry in trail("profiles.distinguished")} == pair


def test_decisions_latest_first_of_all_and_of_one(call: Call, kept: Any):
    lucja, sister, bogdan = kept["K-1"][1], kept["S-2"][1], kept["K-2"][1]
    made = [
        call("POST", f"/profiles/{one}/distinctions", json={"from": other}).get_json()["decision_id"]
        for one, other in ((lucja, sister), (lucja, bogdan), (sister, bogdan))
    ]
    said = call("GET", "/decisions").get_json()
    assert [each["decision_id"] for each in said["items"]] == made[::-1]
    assert {each["kind"] for each in said["items"]} == {"different"}
    of_one = call("GET", f"/decisions?profile={lucja}").get_json()["items"]
    assert [each["decision_id"] for each in of_one] == [made[1], made[0]]
    first = call("GET", "/decisions?limit=2").get_json()
    rest = call("GET", "/decisions", query_string={"after": first["next_cursor"]}).get_json()
    assert first["items"] + rest["items"] == said["items"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/profiles/{profile}/splits", {"contact_ids": []}, 422),
        ("/profiles/{profile}/splits", {}, 422),
        ("/profiles/{profile}/splits", {"contact_ids": ["1"]}, 422),
        ("/profiles/{profile}/splits", {"contact_ids": [999_999_999]}, 422),
        ("/profiles/{profile}/splits", {"contact_ids": [2**63]}, 422),
        ("/profiles/999999999/splits", {"contact_ids": [1]}, 404),
        ("/profiles/{profile}/distinctions", {"from": "{profile}"}, 422),
        ("/profiles/{profile}/distinctions", {"from": 999_999_999}, 404),
        ("/profiles/999999999/distinctions", {"from": 1}, 404),
        ("/reviews/answers", {"left_contact_id": 1, "right_contact_id": 2}, 422),
        ("/reviews/answers", {"left_contact_id": 1, "right_contact_id": 2, "same": "yes"}, 422),
        ("/reviews/answers", {"left_contact_id": 999_999_998, "right_contact_id": 999_999_999, "same": True}, 404),
    ],
)
def test_decisions_that_cannot_be(call: Call, kept: Any, path: str, body: dict[str, Any], status: int):
    profile, before = kept["K-1"][1], where()
    body = {name: profile if value == "{profile}" else value for name, value in body.items()}
    answer = call("POST", path.format(profile=profile), json=body)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert where() == before


@pytest.mark.parametrize("same", [True, False])
def test_records_of_one_customer_are_no_question(call: Call, kept: Any, same: bool):
    ends = {"left_contact_id": kept["K-1"][0], "right_contact_id": kept["S-1"][0]}
    answer = call("POST", "/reviews/answers", json={**ends, "same": same})
    assert answer.status_code == 422
    assert "different customers" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/reviews", None),
        ("GET", "/decisions", None),
        ("POST", "/reviews/answers", {"left_contact_id": 1, "right_contact_id": 2, "same": True}),
        ("POST", "/profiles/1/splits", {"contact_ids": [1]}),
        ("POST", "/profiles/1/distinctions", {"from": 2}),
    ],
)
def test_marketing_neither_sees_nor_answers(call: Call, keys: Any, method: str, path: str, body: Any):
    refused = call(method, path, role="marketing", json=body)
    assert refused.status_code == 403
    assert "merges.decide" in refused.get_json()["detail"]


@pytest.mark.parametrize("path", ["/reviews", "/decisions", "/decisions?profile=PROFILE", "/decisions?after=WzFd"])
def test_a_list_takes_few_statements(call: Call, kept: Any, path: str):
    call("POST", f"/profiles/{kept['K-1'][1]}/distinctions", json={"from": kept["K-2"][1]})
    with statements() as said:
        assert call("GET", path.replace("PROFILE", str(kept["K-1"][1]))).status_code == 200
    assert 1 < len(said) <= MOST_STATEMENTS, "\n\n".join(said)


def test_a_decision_takes_as_many_statements_for_many_records_as_for_few(
    call: Call, kept: Any, drain: Callable[[], Any]
):
    for at in range(12):
        call("POST", "/contacts", json=AGAIN | {"external_id": f"M-{at}"})
    drain()
    one, other = where()["K-1"], where()["K-2"]
    bodies = [
        (f"/profiles/{one[1]}/merges", {"with": other[1]}),
        (f"/profiles/{one[1]}/splits", {"contact_ids": [where()[f"M-{at}"][0] for at in range(5)] + [other[0]]}),
        ("/reviews/answers", {"left_contact_id": one[0], "right_contact_id": other[0], "same": False}),
    ]
    for path, body in bodies:
        with statements() as said:
            assert call("POST", path, json=body).status_code == 201
        assert len(said) <= MOST_OF_A_DECISION, path
