"""Requests about personal data as other systems pass them on, and the answers."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from crm360.api.fields import Instant, Said, Text, one_of, text
from crm360.api.schemas import listed, moment, number, word
from crm360.kernel import urls

MOST_IDENTITIES = 50
MOST_SUBJECTS = 5000
TYPES = ("erasure", "access", "portability")
IDENTITIES = (("email", "raw"), ("phone", "raw"), ("controller_customer_id", "raw"))
REGULATIONS = ("SUPPRESS_WITH_DELETE", "SUPPRESS_AND_DELETE", "DELETE_ONLY", "SUPPRESS_ONLY")
ID = "a7551968-d5d6-44b2-9831-815ac9017798"


class WebAddress(Text):
    """An absolute http or https address without a password in it."""

    default_error_messages = {"unusable": "Not an address such as https://example.com/status."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        found = super()._deserialize(value, attr, data, **kwargs)
        if not urls.is_web_address(found):
            raise self.make_error("unusable")
        return found


class Identity(Said):
    identity_type = one_of(tuple(kind for kind, _ in IDENTITIES), required=True)
    identity_value = text(most=320, least=1, required=True)
    identity_format = one_of(("raw",), required=True)


class SubjectRequest(Said):
    """After OpenDSR."""

    regulation = one_of(("gdpr", "ccpa"), load_default="gdpr")
    subject_request_id = fields.UUID(required=True, metadata={"description": "Yours; told again, it changes nothing."})
    subject_request_type = one_of(TYPES, required=True)
    submitted_time = Instant(
        required=True, metadata={"description": "When the person asked; the month runs from then."}
    )
    subject_identities = fields.List(
        fields.Nested(Identity), required=True, validate=validate.Length(min=1, max=MOST_IDENTITIES)
    )
    api_version = text(most=20)
    status_callback_urls = fields.List(
        WebAddress(), validate=validate.Length(max=10), load_default=list,
        metadata={"description": "Each is told every status from the next one on: a POST, signed as answers are."},
    )  # fmt: skip
    extensions = fields.Dict(
        keys=fields.String(), load_default=dict,
        metadata={"description": "Of ours only `source`, the name of the source whose customer ids are meant."},
    )  # fmt: skip


class RequestReceived(ma.Schema):
    controller_id = word("The name of your key.")
    subject_request_id = word()
    received_time = moment()
    expected_completion_time = moment("The last day the law gives us.")
    encoded_request = word("Your body in base64.")


class RequestStatus(ma.Schema):
    controller_id = word("The name of your key.")
    subject_request_id = word()
    request_status = word("pending, in_progress, completed, cancelled")
    expected_completion_time = moment()
    api_version = word()
    extensions = fields.Dict(
        required=True, metadata={"description": "By our host: number of the case, its decision, ground of a refusal."}
    )


class RequestCancelled(ma.Schema):
    controller_id = word("The name of your key.")
    subject_request_id = word()
    received_time = moment()
    api_version = word()


_KIND: dict[str, Any] = {
    "description": "SUPPRESS_ONLY: no marketing from now on. DELETE_ONLY: erasure. SUPPRESS_WITH_DELETE (also written"
    " SUPPRESS_AND_DELETE): both, the stop at once."
}


class NewRegulation(Said):
    """As Segment takes them."""

    regulationType = one_of(REGULATIONS, required=True, metadata=_KIND)  # noqa: N815 — the field's own spelling
    subjectType = one_of(("USER_ID",), load_default="USER_ID")  # noqa: N815
    subjectIds = fields.List(  # noqa: N815
        text(most=200, least=1), required=True, validate=validate.Length(min=1, max=MOST_SUBJECTS)
    )


class Made(ma.Schema):
    regulateId = word()  # noqa: N815


class RegulationMade(ma.Schema):
    data = fields.Nested(Made, required=True)


class Subject(ma.Schema):
    case = number("The request at the privacy desk.")
    status = word("INITIALIZED, RUNNING, FINISHED, FAILED (refused, or taken back)")


class Regulation(ma.Schema):
    id = word()
    overallStatus = word("INITIALIZED, RUNNING, FINISHED, PARTIAL_SUCCESS, FAILED")  # noqa: N815
    createdAt = moment()  # noqa: N815
    finishedAt = moment(allow_none=True)  # noqa: N815
    subjects = listed(Subject)


class OneRegulation(ma.Schema):
    regulation = fields.Nested(Regulation, required=True)


class RegulationRead(ma.Schema):
    data = fields.Nested(OneRegulation, required=True)
