"""Regulations as Segment takes them: erase these users, write to them no more, or both."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import current_app

from crm360.api import answering, bodies
from crm360.api import schemas_privacy as schemas
from crm360.api.door import door, failing
from crm360.api.opendsr import TAGS
from crm360.api.policy import requires
from crm360.flows import requesting
from crm360.flows.requesting import Asked, Caller, Right
from crm360.kernel import clock, signing
from crm360.privacy import handling, queries
from crm360.privacy.models import Case

_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_EXAMPLE = {"regulationType": "SUPPRESS_WITH_DELETE", "subjectType": "USER_ID", "subjectIds": ["42", "43"]}
_MADE = {"data": {"regulateId": "6f1e0a52c3d84b7f9a10-1"}}
_READ = {"data": {"regulation": {
    "id": "6f1e0a52c3d84b7f9a10-1", "overallStatus": "RUNNING", "createdAt": "2026-03-02T10:30:00.000000Z", "finishedAt": None,
    "subjects": [{"case": 12, "status": "FINISHED"}, {"case": 13, "status": "INITIALIZED"}],
}}}  # fmt: skip
_STATUS = {"open": "INITIALIZED", "working": "RUNNING", "done": "FINISHED", "closed": "FINISHED"}


class _Wanted(NamedTuple):
    """A regulation: what is to be done with whom. `call` names the call, where its sender named it."""

    kind: str
    user_ids: Sequence[str]
    within: str
    call: str


@door.post("/regulations", tags=TAGS)
@requires("privacy.request")
@failing(*_REFUSED, HTTPStatus.UNPROCESSABLE_ENTITY)
@door.arguments(schemas.NewRegulation, example=_EXAMPLE)
@door.arguments(bodies.IngestionHeaders, location="headers")
@door.response(HTTPStatus.CREATED, schemas.RegulationMade, example=_MADE)
@door.doc(operationId="createRegulation")
def create_regulation(body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    """Erase users, write to them no more, or both (Segment's regulations)

    A case for each user. SUPPRESS takes effect at once; an erasure is decided at the privacy desk. The same call while its
    cases are open, or under the same `Idempotency-Key`, opens no more of them. Nothing is ever unsuppressed: only the person
    can permit what they stopped.
    """
    return _regulate(body, headers, within="")


@door.post("/regulations/sources/<string(minlength=1, maxlength=100):source>", tags=TAGS)
@requires("privacy.request")
@failing(*_REFUSED, HTTPStatus.UNPROCESSABLE_ENTITY)
@door.arguments(schemas.NewRegulation, example=_EXAMPLE)
@door.arguments(bodies.IngestionHeaders, location="headers")
@door.response(HTTPStatus.CREATED, schemas.RegulationMade, example=_MADE)
@door.doc(operationId="createSourceRegulation")
def create_source_regulation(body: dict[str, Any], headers: dict[str, str], source: str) -> dict[str, Any]:
    """The same for users as one source numbers them"""
    return _regulate(body, headers, within=source)


@door.get("/regulations/<string(minlength=3, maxlength=60):regulation>", tags=TAGS)
@requires("privacy.request")
@failing(*_REFUSED, HTTPStatus.NOT_FOUND)
@door.response(HTTPStatus.OK, schemas.RegulationRead, example=_READ)
@door.doc(operationId="getRegulation")
def regulation(regulation: str) -> dict[str, Any]:
    """Read how a regulation does"""
    cases = queries.of_batch(answering.caller().source, f"regulation:{regulation}:")
    if not cases:
        raise requesting.RequestNotFound("You told of no such regulation.")
    ended = [case.closed_at for case in cases]
    told = {
        "id": regulation, "overallStatus": _overall(cases), "createdAt": cases[0].opened_at,
        "finishedAt": max((at for at in ended if at), default=None) if all(ended) else None,
        "subjects": [{"case": case.id, "status": _of(case)} for case in cases],
    }  # fmt: skip
    return {"data": {"regulation": told}}


def _regulate(body: dict[str, Any], headers: dict[str, str], *, within: str) -> dict[str, Any]:
    user_ids = list(dict.fromkeys(body["subjectIds"]))
    wanted = _Wanted(body["regulationType"], user_ids, within, headers.get("idempotency_key", ""))
    caller, now = answering.caller(), clock.now()
    number, is_new = _number(wanted, caller)
    if is_new:
        cases = requesting.take(_asked(wanted, number, now), caller=caller, now=now)
        if wanted.kind != "DELETE_ONLY":
            requesting.stop_marketing(cases, caller=caller, now=now)
    return {"data": {"regulateId": number}}


def _asked(wanted: _Wanted, number: str, now: datetime) -> list[Asked]:
    right: Right = "objection" if wanted.kind == "SUPPRESS_ONLY" else "erasure"
    return [
        Asked(f"regulation:{number}:{place}", right, now, user_ids=[user_id], within=wanted.within)
        for place, user_id in enumerate(wanted.user_ids)
    ]


def _number(wanted: _Wanted, caller: Caller) -> tuple[str, bool]:
    """Its number, and whether it is new: a call repeated while its cases are open, or under its name, is the same.

    Keyed, so that nobody can guess the users from it.
    """
    said = json.dumps([caller.name, *wanted._replace(user_ids=sorted(wanted.user_ids))]).encode()
    base = signing.hmac_hex(str(current_app.config["SECRET_KEY"]), said)[:20]
    last, open_still = 0, False
    for case in queries.of_batch(caller.source, f"regulation:{base}-"):
        place = int(case.external_id.split(":")[1].rpartition("-")[2])
        if place > last:
            last, open_still = place, False
        open_still = open_still or (place == last and case.status in handling.UNFINISHED)
    is_same = last > 0 and (open_still or bool(wanted.call))
    return f"{base}-{last if is_same else last + 1}", not is_same


def _of(case: Case) -> str:
    return _STATUS.get(case.status, "FAILED")


def _overall(cases: Sequence[Case]) -> str:
    found = {_of(case) for case in cases}
    if len(found) == 1:
        return found.pop()
    return "RUNNING" if found & {"INITIALIZED", "RUNNING"} else "PARTIAL_SUCCESS"
