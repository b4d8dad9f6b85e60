"""What answers about rules of values, limits, fields and models look like."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from crm360.api.schemas import listed, moment, number, word
from crm360.api.schemas_identity import flag


class ValueRule(ma.Schema):
    """What staff or an integration ruled of a value."""

    id = number()
    kind = word("email, phone, card, customer_id, chat_id, national_id, tax_id")
    value = word("As it was given.")
    rule = word("blocked: joins nobody; personal: one person's own, whoever was seen with it")
    reason = word()
    made_at = moment()
    made_by = word()
    records = number("Source records that carry the value.")
    lifted_at = moment(allow_none=True)
    lifted_by = word()


class ValueRulePage(ma.Schema):
    items = listed(ValueRule)
    next_cursor = word("Null on the last page.", allow_none=True)


class ValueRuled(ma.Schema):
    """A rule made or lifted, and whom it touched."""

    id = number()
    records = number("Source records that were resolved again.")
    profile_ids = listed(fields.Integer())


class IdentityLimit(ma.Schema):
    kind = word(
        "record, email, phone, card, customer_id (per shop), chat_id, national_id; bulk: percent likely from which several pairs may be merged at once, 0: never"
    )
    most = number("At most per profile by evidence alone; 0: any number.")
    usual = number()


class FieldRule(ma.Schema):
    field = word("A field of the golden record; address stands for all its parts.")
    rule = word()
    usual = word()
    choices = listed(fields.String())


class IdentityRules(ma.Schema):
    limits = listed(IdentityLimit)
    fields_ = fields.List(fields.Nested(FieldRule), required=True, data_key="fields")
    waiting = flag("Customers are still being brought up to date.")


class ModelVersion(ma.Schema):
    id = number()
    name = word()
    trained_on = fields.Dict(required=True, metadata={"description": "What it was learned from, as its document says."})
    created_at = moment()
    created_by = word()
    in_force = flag("Who is who is computed by it.")
    waiting = flag("Chosen; in force as soon as everybody has been resolved by it.")


class ModelActivation(ma.Schema):
    id = number()
    model_id = number()
    name = word()
    requested_at = moment()
    requested_by = word()
    reason = word()
    effective_at = moment("Null while it waits.", allow_none=True)


class ModelVersions(ma.Schema):
    items = listed(ModelVersion)
    activations = listed(ModelActivation)


class ModelDocument(ModelVersion):
    document = fields.Dict(required=True, metadata={"description": "The whole model."})
