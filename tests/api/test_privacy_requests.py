"""Requests about personal data as other systems pass them on: cases open by themselves, once, and stop what must stop."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select

from crm360.consents.models import Stop
from crm360.flows import erasing, meeting
from crm360.identity import queries as identity
from crm360.identity.models import Contact
from crm360.kernel import clock
from crm360.privacy import handling
from crm360.privacy.models import Case
from tests.api.conftest import Call

EMAIL = {"identity_type": "email", "identity_value": "Lucja.Kania@example.com", "identity_format": "raw"}
CUSTOMER = {"identity_type": "controller_customer_id", "identity_value": "K-1", "identity_format": "raw"}


def asked(*identities: dict[str, str], kind: str = "erasure", **more: Any) -> dict[str, Any]:
    return {
        "regulation": "gdpr", "subject_request_id": str(uuid4()), "subject_request_type": kind,
        "submitted_time": "2026-02-27T10:00:00Z", "api_version": "1.0",
        "subject_identities": list(identities or (EMAIL,)), **more,
    }  # fmt: skip


@pytest.mark.parametrize("named", [EMAIL, CUSTOMER])
@pytest.mark.parametrize("kind", ["erasure", "access", "portability"])
def test_a_request_opens_one_case_however_often_it_is_told(
    call: Call, session: Any, lucja: int, named: dict[str, str], kind: str
):
    body = asked(named, kind=kind)
    answers = [call("POST", "/opendsr_requests", role="privacy", json=body) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {201}
    (case,) = session.scalars(select(Case))
    assert (case.right, case.status, case.received_via) == (kind, "open", "api")
    assert case.verification["method"] == "vouched for by the system that asked"
    assert case.contact_id in {each.id for each in identity.contacts_of(lucja)}
    said = answers[-1].get_json()
    assert (said["controller_id"], said["subject_request_id"]) == ("privacy-key", body["subject_request_id"])
    assert said["expected_completion_time"] == f"{case.due_on}T23:59:59.000000Z"
    assert json.loads(base64.b64decode(said["encoded_request"])) == body


def test_answers_are_signed_by_the_certificate_discovery_names(call: Call, client: Any, lucja: int):
    found = client.get("/api/v1/discovery").get_json()
    assert {"identity_type": "email", "identity_format": "raw"} in found["supported_identities"]
    address = found["processor_certificate"]
    assert client.get(address[address.index("/api/") :]).data == client.get("/api/v1/opendsr_certificate.pem").data
    key = x509.load_pem_x509_certificate(client.get("/api/v1/opendsr_certificate.pem").data).public_key()
    body = asked()
    path = f"/opendsr_requests/{body['subject_request_id']}"
    answers = [call("POST", "/opendsr_requests", json=body), call("GET", path), call("DELETE", path)]
    assert [answer.status_code for answer in answers] == [201, 200, 202]
    assert isinstance(key, ec.EllipticCurvePublicKey)
    for answer in answers:
        signature = base64.b64decode(answer.headers["X-OpenDSR-Signature"])
        key.verify(signature, answer.data, ec.ECDSA(hashes.SHA256()))
        assert answer.headers["X-OpenDSR-Processor-Domain"]


def test_its_status_follows_the_case_to_the_end(call: Call, session: Any, lucja: int):
    body = asked(kind="access")
    call("POST", "/opendsr_requests", json=body)
    path, case = f"/opendsr_requests/{body['subject_request_id']}", session.scalars(select(Case)).one()
    now = clock.now()

    def status() -> str:
        return str(call("GET", path).get_json()["request_status"])

    assert status() == "pending"
    meeting.grant(case=case, by="charlie", locale="en", now=now)
    assert status() == "in_progress"
    assert call("DELETE", path).status_code == 409
    handling.finish(case=case, by="charlie", now=now)
    assert status() == "completed"
    assert call("GET", path, role="privacy").status_code == 404, "another caller's request"


def test_a_request_taken_back_or_refused_is_cancelled(call: Call, session: Any, lucja: int):
    taken_back, refused = asked(), asked()
    for body in (taken_back, refused):
        call("POST", "/opendsr_requests", json=body)
    assert call("DELETE", f"/opendsr_requests/{taken_back['subject_request_id']}").status_code == 202
    case = session.scalars(select(Case).where(Case.status == "open")).one()
    handling.refuse(case=case, ground="legal_claims", by="charlie", now=clock.now())
    for body, ground in ((taken_back, ""), (refused, "legal_claims")):
        said = call("GET", f"/opendsr_requests/{body['subject_request_id']}").get_json()
        assert said["request_status"] == "cancelled"
        assert [each["ground"] for each in said["extensions"].values()] == [ground]


def test_a_stranger_opens_a_case_about_nobody_and_makes_nobody(call: Call, session: Any, lucja: int):
    before = session.scalar(select(func.count()).select_from(Contact))
    body = asked(EMAIL | {"identity_value": "nobody@example.net"})
    assert call("POST", "/opendsr_requests", json=body).status_code == 201
    assert session.scalars(select(Case)).one().contact_id is None
    assert session.scalar(select(func.count()).select_from(Contact)) == before


def test_the_same_id_for_something_else_is_a_conflict_and_the_future_is_refused(call: Call, lucja: int):
    body = asked()
    call("POST", "/opendsr_requests", json=body)
    assert call("POST", "/opendsr_requests", json=body | {"subject_request_type": "access"}).status_code == 409
    late = call("POST", "/opendsr_requests", json=asked(submitted_time="2199-01-01T00:00:00Z"))
    assert (late.status_code, list(late.get_json()["errors"])) == (422, ["submitted_time"])


@pytest.mark.parametrize("role", ["sales", "marketing"])
def test_only_keys_that_may(call: Call, role: str, lucja: int):
    assert call("POST", "/opendsr_requests", role=role, json=asked()).status_code == 403
    body = {"regulationType": "DELETE_ONLY", "subjectIds": ["K-1"]}
    assert call("POST", "/regulations", role=role, json=body).status_code == 403


@pytest.mark.parametrize(
    ("kind", "right", "status", "stopped"),
    [
        ("SUPPRESS_ONLY", "objection", "FINISHED", True),
        ("DELETE_ONLY", "erasure", "INITIALIZED", False),
        ("SUPPRESS_WITH_DELETE", "erasure", "INITIALIZED", True),
        ("SUPPRESS_AND_DELETE", "erasure", "INITIALIZED", True),
    ],
)
@pytest.mark.parametrize("path", ["/regulations", "/regulations/sources/erp"])
def test_a_regulation_opens_a_case_for_each_user_and_stops_at_once(
    call: Call, session: Any, lucja: int, bogdan: int, kind: str, right: str, status: str, stopped: bool, path: str
):
    body = {"regulationType": kind, "subjectType": "USER_ID", "subjectIds": ["K-1", "K-2", "K-1", "K-404"]}
    made = [call("POST", path, json=body).get_json()["data"]["regulateId"] for _ in range(2)]
    assert made[0] == made[1]
    cases = list(session.scalars(select(Case).order_by(Case.id)))
    assert [case.right for case in cases] == [right] * 3
    assert cases[2].contact_id is None
    stops = set(session.scalars(select(Stop.contact_id).where(Stop.kind == "objection_marketing")))
    assert stops == ({case.contact_id for case in cases[:2]} if stopped else set())
    said = call("GET", f"/regulations/{made[0]}").get_json()["data"]["regulation"]
    assert [each["status"] for each in said["subjects"]] == [status, status, "INITIALIZED"]
    assert said["finishedAt"] is None
    assert "K-1" not in json.dumps(said)


def test_somebody_who_came_back_may_be_regulated_anew_but_a_named_call_counts_once(
    call: Call, session: Any, lucja: int
):
    body = {"regulationType": "DELETE_ONLY", "subjectIds": ["K-1"]}

    def regulate(**headers: str) -> str:
        return str(call("POST", "/regulations", json=body, headers=headers).get_json()["data"]["regulateId"])

    first, named = regulate(), regulate(**{"Idempotency-Key": "n-1"})
    for case in session.scalars(select(Case)):
        handling.cancel(case=case, by="charlie", now=clock.now())
    assert regulate(**{"Idempotency-Key": "n-1"}) == named
    assert regulate() not in (first, named)
    assert call("GET", f"/regulations/{first}").get_json()["data"]["regulation"]["overallStatus"] == "FAILED"
    assert call("GET", "/regulations/nothing").status_code == 404


def test_an_id_that_is_two_peoples_links_nobody(call: Call, session: Any, lucja: int, drain: Any):
    contact = {
        "external_id": "K-1",
        "source": "other",
        "fields": {"given_name": "Inna"},
        "occurred_at": "2026-02-01T00:00:00Z",
    }
    assert call("POST", "/contacts", json=contact).status_code == 202
    drain()
    body = {"regulationType": "DELETE_ONLY", "subjectIds": ["K-1"]}
    call("POST", "/regulations", json=body)
    call("POST", "/regulations/sources/erp", json=body)
    about = [case.contact_id for case in session.scalars(select(Case).order_by(Case.id))]
    assert about[0] is None
    assert about[1] in {each.id for each in identity.contacts_of(lucja)}


def test_nothing_is_unsuppressed(call: Call, lucja: int):
    body = {"regulationType": "UNSUPPRESS", "subjectIds": ["K-1"]}
    assert call("POST", "/regulations", json=body).status_code == 422


def test_an_erasure_asked_for_by_a_system_goes_the_way_of_every_erasure(call: Call, session: Any, lucja: int):
    body = asked(CUSTOMER)
    call("POST", "/opendsr_requests", json=body)
    case = session.scalars(select(Case)).one()
    meeting.grant(case=case, by="charlie", locale="en", now=clock.now())
    assert [step.name for step in handling.steps_of(case.id)] == list(erasing.STEPS)
