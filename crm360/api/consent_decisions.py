"""May an address be used: the one decision of the consents room, told to integrators. Statements come in as events."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import marshmallow as ma

from crm360.api import schemas
from crm360.api.bodies import words_of
from crm360.api.door import door, failing
from crm360.api.fields import Instant, one_of, text
from crm360.api.policy import requires
from crm360.consents import asking, tenancy
from crm360.facts import ConsentStated
from crm360.kernel import clock
from crm360.kernel.errors import Invalid
from crm360.normalise import identifiers

TAGS = ["Consents"]
KINDS = ("email", "phone")
DECIDED = {
    "identifier_kind": "email", "identifier": "lucja.kania@example.com", "purpose": "newsletter", "channel": "email",
    "permitted": False, "state": "unknown", "reason": "nothing_stated", "explanation": "Nobody stated a consent.",
    "since": None, "at": "2026-03-02T10:30:00.000000Z", "evidence": [],
}  # fmt: skip


class NoAddress(Invalid):
    """What was asked about is no address."""


class DecisionRequest(ma.Schema):
    """In the body, so that no address stands in a log of addresses called."""

    kind = one_of(KINDS, required=True)
    value = text(most=320, least=1, required=True)
    purpose = text(most=80, least=1, required=True)
    channel = one_of(words_of(ConsentStated, "channel"), required=True)
    at = Instant(load_default=None, metadata={"description": "As of this moment; now when left out."})
    known = one_of(
        ("then", "now"), load_default="then", metadata={"description": "By what was known at that moment, or is now."}
    )


class ConsentDecision(schemas.Consent):
    at = schemas.moment("The moment the answer is for.")
    evidence = schemas.listed(ma.fields.Integer())


@door.post("/consents/decisions", tags=TAGS)
@requires("consents.read")
@failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)
@door.arguments(
    DecisionRequest,
    example={"kind": "email", "value": "lucja.kania@example.com", "purpose": "newsletter", "channel": "email"},
)
@door.response(HTTPStatus.OK, ConsentDecision, example=DECIDED)
@door.doc(operationId="decideConsent")
def decide_consent(body: dict[str, Any]) -> dict[str, Any]:
    """Ask whether an address may be used for a purpose on a channel

    Absence is not permission. With `at`: what the answer was, or by today's knowledge is, for that moment.
    """
    kind, now = body["kind"], clock.now()
    normal = identifiers.normal(kind, body["value"])
    if normal is None:
        raise NoAddress("This is no address.", errors={"value": ["This is no address."]})
    at = min(body["at"] or now, now)
    known = (at if body["known"] == "then" else now) if body["at"] else None
    holder = next(iter(tenancy.shared_by(kind=kind, normal=normal)), None)
    question = asking.Question(holder, kind, normal, body["purpose"], body["channel"])
    (verdict,) = asking.ask([question], now=at, known=known)
    return {
        "identifier_kind": kind, "identifier": body["value"], "purpose": body["purpose"], "channel": body["channel"],
        "permitted": verdict.permitted, "state": verdict.state, "reason": verdict.reason,
        "explanation": verdict.explanation, "since": verdict.since, "at": at, "evidence": list(verdict.evidence),
    }  # fmt: skip
