"""Requests about personal data after OpenDSR: an integrator passes on what a person asked; each becomes a case."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, jsonify, request, url_for

from crm360.api import answering, docs
from crm360.api import schemas_privacy as schemas
from crm360.api.door import NotAccepted, door, failing
from crm360.api.policy import public, requires
from crm360.facts import Identifier
from crm360.flows import requesting
from crm360.kernel import clock
from crm360.kernel.iso8601 import zulu

TAGS = ["Privacy requests"]
ID = "/opendsr_requests/<uuid:subject_request_id>"
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_EXPECTED = {
    "controller_id": "shop",
    "subject_request_id": schemas.ID,
    "expected_completion_time": "2026-04-02T23:59:59.000000Z",
}
_RECEIVED = {
    **_EXPECTED,
    "received_time": "2026-03-02T10:30:00.000000Z",
    "encoded_request": "eyJzdWJqZWN0X3JlcXVlc3RfaWQi…",
}
_STATUS = {
    **_EXPECTED, "request_status": "pending", "api_version": requesting.API_VERSION,
    "extensions": {"crm.example": {"case": 12, "decision": "", "ground": ""}},
}  # fmt: skip
_CANCELLED = {"controller_id": "shop", "subject_request_id": schemas.ID, "received_time": "2026-03-02T11:00:00.000000Z",
              "api_version": requesting.API_VERSION}  # fmt: skip
_REQUEST = {
    "regulation": "gdpr", "subject_request_id": schemas.ID, "subject_request_type": "erasure",
    "submitted_time": "2026-03-02T10:00:00Z", "api_version": requesting.API_VERSION,
    "subject_identities": [{"identity_type": "email", "identity_value": "lucja.kania@example.com", "identity_format": "raw"}],
}  # fmt: skip


@door.post("/opendsr_requests", tags=TAGS)
@requires("privacy.request")
@failing(*_REFUSED, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
@door.arguments(schemas.SubjectRequest, example=_REQUEST)
@door.response(HTTPStatus.CREATED, schemas.RequestReceived, example=_RECEIVED)
@door.doc(operationId="createSubjectRequest")
def create_subject_request(body: dict[str, Any]) -> Response:
    """Pass on a person's request for erasure, a copy or portable data (OpenDSR)

    Opens a case at the privacy desk. You vouch that the person asked. The answer is signed; told again under the same id it
    opens no second case.
    """
    now, caller = clock.now(), answering.caller()
    (case,) = requesting.take([_asked(body, now)], caller=caller, now=now)
    encoded = base64.b64encode(request.get_data(cache=True)).decode()
    told = requesting.told(case) | {"received_time": zulu(case.opened_at), "encoded_request": encoded}
    return answering.signed(told, HTTPStatus.CREATED)


@door.get(ID, tags=TAGS)
@requires("privacy.request")
@failing(*_REFUSED, HTTPStatus.NOT_FOUND)
@door.response(HTTPStatus.OK, schemas.RequestStatus, example=_STATUS)
@door.doc(operationId="getSubjectRequest")
def subject_request(subject_request_id: UUID) -> Response:
    """Read how a request does, signed"""
    caller = answering.caller()
    case = requesting.get(_number(subject_request_id), caller=caller)
    ours = {"case": case.id, "decision": case.decision, "ground": case.refusal_ground}
    told = {
        "request_status": requesting.status(case),
        "api_version": requesting.API_VERSION,
        "extensions": {answering.domain(): ours},
    }
    return answering.signed(requesting.told(case) | told, HTTPStatus.OK)


@door.delete(ID, tags=TAGS)
@requires("privacy.request")
@failing(*_REFUSED, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
@door.response(HTTPStatus.ACCEPTED, schemas.RequestCancelled, example=_CANCELLED)
@door.doc(operationId="cancelSubjectRequest")
def cancel_subject_request(subject_request_id: UUID) -> Response:
    """The person takes a request back, while it is pending"""
    now, caller = clock.now(), answering.caller()
    requesting.cancel(_number(subject_request_id), caller=caller, now=now)
    told = {"controller_id": caller.name, "subject_request_id": str(subject_request_id), "received_time": zulu(now)}
    return answering.signed(told | {"api_version": requesting.API_VERSION}, HTTPStatus.ACCEPTED)


@docs.blueprint.get("/discovery")
@public
def discovery() -> Response:
    """What of OpenDSR is understood here."""
    return jsonify({
        "api_version": requesting.API_VERSION,
        "supported_identities": [{"identity_type": kind, "identity_format": form} for kind, form in schemas.IDENTITIES],
        "supported_subject_request_types": list(schemas.TYPES),
        "processor_certificate": url_for("api_docs.certificate", _external=True),
    })  # fmt: skip


@docs.blueprint.get("/opendsr_certificate.pem")
@public
def certificate() -> Response:
    """What checks the signatures of answers."""
    return Response(answering.certificate(), mimetype="application/x-pem-file")


def _asked(body: dict[str, Any], now: datetime) -> requesting.Asked:
    if body["submitted_time"] > now:
        text = "It lies in the future."
        raise NotAccepted("Some fields cannot be accepted.", errors={"submitted_time": [text]})
    named = body["subject_identities"]
    ours = body["extensions"].get(answering.domain())
    return requesting.Asked(
        id=_number(body["subject_request_id"]), right=body["subject_request_type"], at=body["submitted_time"],
        identifiers=list(_identifiers(named)),
        user_ids=[each["identity_value"] for each in named if each["identity_type"] == "controller_customer_id"],
        within=str(ours.get("source", ""))[:100] if isinstance(ours, dict) else "",
        details={"regulation": body["regulation"]}, callbacks=body["status_callback_urls"],
    )  # fmt: skip


def _identifiers(named: list[dict[str, str]]) -> Iterator[Identifier]:
    for each in named:
        if each["identity_type"] == "email":
            yield Identifier("email", each["identity_value"])
        elif each["identity_type"] == "phone":
            yield Identifier("phone", each["identity_value"])


def _number(subject_request_id: UUID) -> str:
    return f"opendsr:{subject_request_id}"
