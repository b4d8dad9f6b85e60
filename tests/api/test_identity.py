"""Who is who over REST: asked, explained, listed; and what each answer costs, hides and leaves in the trail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from crm360.accounts.models import AuditEntry
from crm360.api import examples_identity
from crm360.identity import in_force
from crm360.identity.models import Contact
from crm360.identity.thresholds import thresholds
from crm360.kernel import dialects
from crm360.kernel.db import db
from tests.api.conftest import CONTACT, NAMESAKE, Call
from tests.api.test_profiles import MOST_STATEMENTS, statements

MAIL, PHONE = "lucja.kania@example.com", "601 700 801"
#: The same woman in another system, and her sister on the same mailbox.
AGAIN = {
    "external_id": "S-1",
    "source": "shop",
    "occurred_at": "2026-02-21T09:30:00Z",
    "fields": {"given_name": "Lucja", "family_name": "Kania"},
    "identifiers": [{"kind": "email", "value": MAIL}, {"kind": "phone", "value": PHONE}],
}
SISTER = AGAIN | {
    "external_id": "S-2",
    "fields": {"given_name": "Barbara", "family_name": "Kania"},
    "identifiers": [{"kind": "email", "value": MAIL}],
}
Send = Callable[..., None]
LISTS = ("/contacts/ID/candidates", "/profiles/PROFILE/connections", "/profiles/PROFILE/history")


@pytest.fixture
def send(call: Call, drain: Callable[[], Any]) -> Send:
    """Contacts through the door, processed."""

    def through(*contacts: dict[str, Any]) -> None:
        for contact in contacts:
            assert call("POST", "/contacts", json=contact).status_code == 202
        assert drain().quarantined == 0

    return through


@pytest.fixture
def kept(send: Send) -> dict[str, tuple[int, int]]:
    """external id → (contact id, profile id) of Łucja in two systems, her sister and Bogdan."""
    send(CONTACT, AGAIN, SISTER, NAMESAKE)
    return where()


def where() -> dict[str, tuple[int, int]]:
    """external id → (contact id, profile id), as it is now."""
    rows = db.session.execute(select(Contact.external_id, Contact.id, Contact.profile_id))
    return {external_id.partition(":")[2]: (contact, profile) for external_id, contact, profile in rows}


def trail(action: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)))


def test_somebody_known_would_join(call: Call, kept: Any):
    asked = {"fields": {"given_name": "Łucja", "family_name": "KANIA"}, "identifiers": AGAIN["identifiers"]}
    said = call("POST", "/identity/resolve", json=asked).get_json()
    assert said["profile_id"] == kept["K-1"][1] == kept["S-1"][1]
    assert said["thresholds"] == thresholds()._asdict()
    assert said["model"] == in_force.current().name
    first = said["items"][0]
    assert (first["profile_id"], first["verdict"], first["display_name"]) == (said["profile_id"], "join", "Łucja Kania")
    assert {"email", "phone", "given_name"} <= {row["field"] for row in first["evidence"]}
    sister = next(each for each in said["items"] if each["profile_id"] == kept["S-2"][1])
    assert sister["verdict"] in ("review", "apart")
    assert len(call("POST", "/identity/resolve", json=asked | {"limit": 1}).get_json()["items"]) == 1


def test_asking_stores_nothing_and_is_recorded_for_each_profile_shown(call: Call, kept: Any):
    before = where()
    said = call("POST", "/identity/resolve", role="sales", json=examples_identity.RESOLVE).get_json()
    assert where() == before
    entries = trail("profile.matched")
    assert [entry.subject_id for entry in entries] == [each["profile_id"] for each in said["items"]] != []
    assert {entry.actor_name for entry in entries} == {"sales-key"}


def test_somebody_new(call: Call, kept: Any):
    asked = {"fields": {"full_name": "Zenon Ziółko"}, "identifiers": [{"kind": "email", "value": "zz@example.net"}]}
    said = call("POST", "/identity/resolve", json=asked).get_json()
    assert (said["profile_id"], said["items"], trail("profile.matched")) == (None, [], [])


def test_ids_of_a_system_are_read_as_its_own(call: Call, kept: Any):
    asked = {"identifiers": [{"kind": "customer_id", "value": "K-1"}]}
    assert call("POST", "/identity/resolve", json=asked).get_json()["items"] == []
    said = call("POST", "/identity/resolve", json=asked | {"source": "erp"}).get_json()
    assert [each["profile_id"] for each in said["items"]] == [kept["K-1"][1]]


@pytest.mark.parametrize(
    ("body", "where_told"),
    [
        ({}, "fields"),
        ({"fields": {"city": ""}}, "fields"),
        ({"fields": {"given_name": "A"}, "limit": 0}, "limit"),
        ({"fields": {"given_name": "A"}, "limit": 51}, "limit"),
        ({"fields": {"shoe_size": "41"}}, "fields.shoe_size"),
        ({"identifiers": [{"kind": "shoe", "value": "41"}]}, "identifiers.0.kind"),
        ({"identifiers": [{"kind": "customer_id", "value": "null"}]}, "identifiers.0.value"),
        ({"identifiers": [{"kind": "email", "value": "a@b.pl"}] * 51}, "identifiers"),
    ],
)
def test_questions_that_cannot_be_asked(call: Call, body: dict[str, Any], where_told: str):
    answer = call("POST", "/identity/resolve", json=body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert list(answer.get_json()["errors"]) == [where_told]


def test_an_identifier_that_holds_none_is_told(call: Call, kept: Any):
    asked = {"identifiers": [{"kind": "email", "value": "at home"}, {"kind": "email", "value": MAIL}]}
    said = call("POST", "/identity/resolve", json=asked).get_json()
    assert said["unreadable"] == ["email"]
    assert said["items"] != []


def test_candidates_of_a_record(call: Call, kept: Any):
    contact, profile = kept["S-1"]
    said = call("GET", f"/contacts/{contact}/candidates").get_json()
    found = {each["contact_id"]: each for each in said["items"]}
    same, sister = found[kept["K-1"][0]], found[kept["S-2"][0]]
    assert (same["together"], same["profile_id"], same["display_name"]) == (True, profile, "Łucja Kania")
    assert (sister["together"], sister["profile_id"]) == (False, kept["S-2"][1])
    assert same["weight"] >= said["thresholds"]["join"] > sister["weight"] >= said["thresholds"]["review"]
    assert {entry.subject_id for entry in trail("profile.opened")} == {profile, kept["S-2"][1]}


def test_candidates_page_by_page(call: Call, kept: Any):
    path = f"/contacts/{kept['S-1'][0]}/candidates"
    whole = call("GET", path).get_json()["items"]
    first = call("GET", f"{path}?limit=1").get_json()
    second = call("GET", path, query_string={"limit": 1, "after": first["next_cursor"]}).get_json()
    assert first["items"] + second["items"] == whole
    assert second["next_cursor"] is None


def test_an_explanation_adds_up(call: Call, kept: Any):
    said = call("GET", f"/contacts/{kept['K-1'][0]}/explanation/{kept['S-1'][0]}").get_json()
    assert (said["verdict"], said["together"], said["conflict"]) == ("join", True, "")
    bars = said["waterfall"]
    assert [bars[0]["kind"], bars[-1]["kind"]] == ["prior", "total"]
    assert sum(bar["bits"] for bar in bars[:-1]) == pytest.approx(said["weight"]) == pytest.approx(bars[-1]["bits"])
    assert [bar["field"] for bar in bars if bar["field"]] == [
        row["field"] for row in sorted(said["evidence"], key=lambda row: -row["bits"])
    ]
    assert {"kind": "email", "value": MAIL} in said["shared"]
    (tie,) = said["path"]
    assert {tie["left_contact_id"], tie["right_contact_id"]} == {kept["K-1"][0], kept["S-1"][0]}
    assert tie["weight"] == said["weight"]


def test_why_not(call: Call, kept: Any):
    said = call("GET", f"/contacts/{kept['K-1'][0]}/explanation/{kept['K-2'][0]}").get_json()
    assert (said["verdict"], said["together"], said["path"], said["shared"]) == ("apart", False, [], [])
    assert {entry.subject_id for entry in trail("profile.opened")} == {kept["K-1"][1], kept["K-2"][1]}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/contacts/999999999/candidates", 404),
        ("/contacts/{contact}/explanation/999999999", 404),
        ("/contacts/999999999/explanation/{contact}", 404),
        ("/contacts/{contact}/explanation/{contact}", 422),
        ("/contacts/{contact}/candidates?after=nonsense", 422),
        ("/contacts/0/candidates", 404),
        ("/profiles/999999999/connections", 404),
        ("/profiles/999999999/history", 404),
        ("/profiles/{profile}/history?after=WzFd", 422),
        ("/profiles/{profile}/connections?after=WyJbXCJhXCJdIl0", 422),
        ("/profiles/{profile}/connections?after=WyIxIl0", 422),
    ],
)
def test_what_is_not_there_is_a_problem_and_no_read(call: Call, kept: Any, path: str, status: int):
    contact, profile = kept["K-1"]
    answer = call("GET", path.format(contact=contact, profile=profile))
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert trail("profile.opened") == []


def test_connections_page_by_page(call: Call, kept: Any, send: Send):
    send(AGAIN | {"external_id": "S-3", "source": "till"})
    path = f"/profiles/{kept['K-1'][1]}/connections"
    whole = call("GET", path).get_json()["items"]
    assert len(whole) == 3
    assert [each["weight"] for each in whole] == sorted((each["weight"] for each in whole), reverse=True)
    found, cursor = [], ""
    while cursor is not None:
        page = call("GET", path, query_string={"limit": 1, "after": cursor}).get_json()
        found, cursor = found + page["items"], page["next_cursor"]
    assert found == whole


def test_shared_identifiers_with_the_reason(call: Call, send: Send):
    people = [("Anna", "Lis"), ("Piotr", "Baran"), ("Ewa", "Nowak"), ("Marek", "Zych")]
    desk = [{"kind": "email", "value": "reception@example.com"}, {"kind": "phone", "value": "58 555 01 00"}]
    for at, (given, family) in enumerate(people):
        named = {"given_name": given, "family_name": family}
        send(CONTACT | {"external_id": f"P-{at}", "fields": named, "identifiers": desk, "tags": []})
    said = call("GET", "/identity/shared-identifiers").get_json()
    values = [each["value"] for each in said["items"]]
    assert "+48585550100" in values
    assert all(each["reason"] and each["count"] >= 3 for each in said["items"])
    first = call("GET", "/identity/shared-identifiers?limit=1").get_json()
    assert first["items"] == said["items"][:1]
    assert (first["next_cursor"] is None) == (len(values) == 1)
    assert trail("shared_identifiers.listed")[0].details == {"count": len(values)}
    asked = {"identifiers": [{"kind": "phone", "value": "58 555 01 00"}]}
    ignored = call("POST", "/identity/resolve", json=asked).get_json()
    assert (ignored["items"], ignored["ignored"]) == ([], [{"kind": "phone", "value": "+48585550100"}])


def test_who_may_not_decide_does_not_see_shared_identifiers(call: Call, keys: Any):
    assert call("GET", "/identity/shared-identifiers", role="marketing").status_code == 403


@pytest.mark.parametrize("role", ["sales", "marketing", "privacy", "admin"])
def test_contact_details_are_masked_in_evidence_and_keys(call: Call, kept: Any, role: str):
    contact, profile = kept["S-1"]
    paths = [path.replace("ID", str(contact)).replace("PROFILE", str(profile)) for path in LISTS]
    paths.append(f"/contacts/{contact}/explanation/{kept['K-1'][0]}")
    texts = [call("GET", path, role=role).get_data(as_text=True) for path in paths]
    asked = {"identifiers": AGAIN["identifiers"]}
    texts.append(call("POST", "/identity/resolve", role=role, json=asked).get_data(as_text=True))
    everything = "".join(texts)
    shown = [each for each in (MAIL, "+48601700801") if each in everything]
    assert shown == ([] if role == "marketing" else [MAIL, "+48601700801"])
    assert "@example.com" in everything


def test_a_masked_national_id_has_no_tail_in_plain_text(call: Call, send: Send):
    pesel = [{"kind": "national_id", "value": "44051401359"}]
    send(CONTACT | {"identifiers": pesel}, AGAIN | {"identifiers": pesel})
    found = where()
    path = f"/contacts/{found['K-1'][0]}/explanation/{found['S-1'][0]}"
    assert "44051401359" in call("GET", path).get_data(as_text=True)
    assert "44051401" not in call("GET", path, role="marketing").get_data(as_text=True)


@pytest.mark.parametrize("path", [*LISTS, "/contacts/ID/explanation/OTHER", "/identity/shared-identifiers"])
def test_a_read_takes_few_statements(call: Call, kept: Any, path: str):
    contact, profile = kept["S-1"]
    path = path.replace("ID", str(contact)).replace("PROFILE", str(profile)).replace("OTHER", str(kept["K-1"][0]))
    with statements() as said:
        assert call("GET", path).status_code == 200
    assert 1 < len(said) <= MOST_STATEMENTS + 2, "\n\n".join(said)


def test_a_question_takes_few_statements_however_many_are_alike(call: Call, kept: Any):
    with statements() as said:
        assert call("POST", "/identity/resolve", json=examples_identity.RESOLVE).get_json()["items"]
    assert 2 < len(said) <= 2 * MOST_STATEMENTS, "\n\n".join(said)


@pytest.mark.parametrize(("path", "writes"), [("/identity/resolve", False), ("/reviews/answers", True)])
def test_a_question_does_not_take_the_one_write_lock(app: Any, path: str, writes: bool):
    with app.test_request_context(f"/api/v1{path}", method="POST"):
        app.preprocess_request()
        assert dialects._may_write.get() is writes
