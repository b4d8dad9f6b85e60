"""What integrators may send to ask and to decide who is who."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from crm360.api.bodies import MOST_IDENTIFIERS, ContactFields, SentIdentifier
from crm360.api.fields import BIGGEST_ID, Said, cursor, limit, text

MOST_SPLIT = 1000


def row_id(about: str, **kwargs: Any) -> fields.Integer:
    told = {"description": about}
    return fields.Integer(strict=True, validate=validate.Range(1, BIGGEST_ID), metadata=told, **kwargs)


class ResolveRequest(Said):
    source = text(
        most=100, least=1, load_default="",
        metadata={"description": "Your system, as in `POST /contacts`: its ids and phone numbers are read as its own."},
    )  # fmt: skip
    fields_ = fields.Nested(ContactFields, data_key="fields", load_default=dict)
    identifiers = fields.List(
        fields.Nested(SentIdentifier), validate=validate.Length(max=MOST_IDENTIFIERS), load_default=list
    )
    limit = fields.Integer(
        strict=True, load_default=10, validate=validate.Range(1, 50), metadata={"description": "Profiles at most."}
    )

    @ma.validates_schema(skip_on_field_errors=True)
    def says_something(self, data: dict[str, Any], **_: Any) -> None:
        if not (any(data["fields_"].values()) or data["identifiers"]):
            raise ma.ValidationError("Give at least one field or identifier.", "fields")


class ReadPageQuery(ma.Schema):
    after = cursor()
    limit = limit(default=50)


class DecisionQuery(ma.Schema):
    profile = fields.Integer(
        load_default=None, validate=validate.Range(1, BIGGEST_ID), metadata={"description": "Only of this customer."}
    )
    after = cursor()
    limit = limit(default=50)


class SplitRequest(Said):
    contact_ids = fields.List(
        row_id("Id of a source record."), required=True, validate=validate.Length(min=1, max=MOST_SPLIT),
        metadata={"description": "Records that are another customer: some, not all."},
    )  # fmt: skip
    reason = text(load_default="")


class DistinctionRequest(Said):
    from_ = row_id("Id of the other profile.", required=True, data_key="from")
    reason = text(load_default="")


class ReviewAnswer(Said):
    left_contact_id = row_id("As the review names it.", required=True)
    right_contact_id = row_id("As the review names it.", required=True)
    same = fields.Boolean(
        required=True, truthy={True}, falsy={False},
        metadata={"description": "True merges the two customers; false keeps them apart against any evidence."},
    )  # fmt: skip
    reason = text(load_default="")
