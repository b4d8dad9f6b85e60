"""What integrators may send to rule on values, limits, fields and models."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from crm360.api.fields import BIGGEST_ID, Said, cursor, limit, text
from crm360.identity import limits, value_rules
from crm360.profiles import field_rules


class ValueRuleRequest(Said):
    kind = fields.String(required=True, validate=validate.OneOf(value_rules.KINDS))
    value = text(most=value_rules.LONGEST, least=1, required=True)
    rule = fields.String(load_default="blocked", validate=validate.OneOf(value_rules.RULES))
    reason = text(load_default="")


class ValueRuleQuery(ma.Schema):
    rule = fields.String(load_default=None, validate=validate.OneOf(value_rules.RULES))
    lifted = fields.Boolean(load_default=False, metadata={"description": "Those lifted instead of those in force."})
    after = cursor()
    limit = limit(default=50)


class LimitRequest(Said):
    kind = fields.String(required=True, validate=validate.OneOf(sorted(limits.USUAL)))
    most = fields.Integer(required=True, strict=True, validate=validate.Range(0, limits.MOST))


class FieldRuleRequest(Said):
    field = fields.String(required=True, validate=validate.OneOf(field_rules.FIELDS))
    rule = fields.String(required=True)


class ModelActivationRequest(Said):
    model_id = fields.Integer(required=True, strict=True, validate=validate.Range(1, BIGGEST_ID))
    reason = text(load_default="")
