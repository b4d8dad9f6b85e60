"""An address passes to another person, as integrators tell it (a telephone company's list, a mail server's)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import marshmallow as ma

from crm360.accounts import audit
from crm360.api import schemas
from crm360.api.bodies_identity import row_id
from crm360.api.consent_decisions import KINDS, TAGS, NoAddress
from crm360.api.door import door, failing
from crm360.api.fields import Instant, one_of, text
from crm360.api.policy import actor, key, requires
from crm360.flows import settling
from crm360.kernel import clock
from crm360.normalise import identifiers

PASSED = {
    "identifier_kind": "phone", "identifier": "+48602118447", "since": "2026-03-02T10:30:00.000000Z", "statements": 3,
    "ended": [{"purpose": "marketing", "channel": "sms"}], "holders": [17],
}  # fmt: skip


class PassingRequest(ma.Schema):
    kind = one_of(KINDS, required=True)
    value = text(most=320, least=1, required=True)
    to = row_id("Profile of the new holder; nobody known when left out.", load_default=None, allow_none=True)
    since = Instant(load_default=None, metadata={"description": "Since when; now when left out."})
    reason = text(most=300, least=1, required=True, metadata={"description": "How you know."})


class Ended(ma.Schema):
    purpose = ma.fields.String(required=True)
    channel = ma.fields.String(required=True)


class Passing(ma.Schema):
    identifier_kind = ma.fields.String(required=True)
    identifier = ma.fields.String(required=True)
    since = schemas.moment("Since when the address is another person's.")
    statements = ma.fields.Integer(
        required=True, metadata={"description": "How many statements count no more; they stay in the ledger."}
    )
    ended = ma.fields.List(
        ma.fields.Nested(Ended), required=True, metadata={"description": "What was permitted before."}
    )
    holders = ma.fields.List(
        ma.fields.Integer(), required=True, metadata={"description": "Profiles that were seen with it."}
    )


@door.post("/consents/passings", tags=TAGS)
@requires("privacy.manage")
@failing(
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
@door.arguments(PassingRequest, example={"kind": "phone", "value": "+48 602 118 447", "reason": "given out again"})
@door.response(HTTPStatus.CREATED, Passing, example=PASSED)
@door.doc(operationId="passAddressOn")
def pass_address_on(body: dict[str, Any]) -> dict[str, Any]:
    """Tell that an address passed to another person

    What was said of it counts no more; the new holder starts with nothing. It may be passed back by a second call, which
    brings no permission back.
    """
    kind, now = body["kind"], clock.now()
    normal = identifiers.normal(kind, body["value"])
    if normal is None:
        raise NoAddress("This is no address.", errors={"value": ["This is no address."]})
    since = min(body["since"] or now, now)
    ended = settling.pass_on(
        kind=kind, normal=normal, to=body["to"], since=since, reason=body["reason"], by=key().name, now=now
    )
    audit.record(actor=actor(), action="address.passed_on", subject_kind="profile", subject_id=body["to"], now=now)
    return {
        "identifier_kind": kind, "identifier": body["value"], "since": since, "statements": ended.statements,
        "ended": [{"purpose": purpose, "channel": channel} for purpose, channel in ended.ended], "holders": ended.holders,
    }  # fmt: skip
