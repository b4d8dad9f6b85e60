"""What integrators say and hear of segments."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from crm360.api.fields import BIGGEST_ID, Instant, Said, limit, one_of, text
from crm360.api.schemas import listed, moment, number, word

_RULE = {
    "description": "A rule as the builder writes it: `match` a group (`all`, `any`, `none`) of conditions, `except` another."
}


class NewSegment(Said):
    name = text(most=80, least=1, required=True)
    description = text(most=500, load_default="")
    marketing = fields.Boolean(load_default=True, metadata={"description": "Leaves out who objected to marketing."})
    tag = text(most=60, load_default="")
    rule = fields.Dict(
        load_default=None, metadata=_RULE | {"description": f"{_RULE['description']} Without one it is filled by hand."}
    )


class AskedRule(Said):
    rule = fields.Dict(required=True, metadata=_RULE)
    marketing = fields.Boolean(load_default=True)


class AskedPerson(Said):
    profile_id = fields.Integer(required=True, validate=validate.Range(1, BIGGEST_ID))


class AskedMembers(Said):
    after = fields.Integer(load_default=0, validate=validate.Range(0, BIGGEST_ID))
    limit = limit(default=100, most=1000)
    at = Instant(load_default=None, metadata={"description": "Who was in it at this moment; now when left out."})
    known = one_of(
        ("then", "now"), load_default="then", metadata={"description": "By what was recorded then, or is by now."}
    )


class Segment(ma.Schema):
    id = number()
    name = word()
    description = word()
    kind = word("dynamic, static, snapshot")
    marketing = fields.Boolean(required=True)
    tag = word()
    version = number("Of the rule; 0 without one.")
    members = number()
    settled = fields.Boolean(required=True, metadata={"description": "Whether the members are those of this moment."})
    created_at = moment()


class WholeSegment(Segment):
    rule = fields.Dict(required=True, allow_none=True)
    sentence = word("The rule in words.")


class SegmentList(ma.Schema):
    items = listed(Segment)


class SegmentMember(ma.Schema):
    profile_id = number()
    href = word()
    since = moment()


class MemberPage(ma.Schema):
    items = listed(SegmentMember)
    next_after = number("Null on the last page.", allow_none=True)


class ConditionCount(ma.Schema):
    place = word("Where the condition stands in the rule.")
    words = word()
    alone = number("Customers who meet it.")
    without = number("Customers the rule would have without it.")


class SegmentCount(ma.Schema):
    matched = number()
    excluded = number("Left out for privacy.")
    customers = number()
    exact_at = moment()
    conditions = listed(ConditionCount)


class TestedCondition(ma.Schema):
    place = word()
    words = word()
    met = fields.Boolean(required=True)


class TestedPerson(ma.Schema):
    profile_id = number()
    met = fields.Boolean(required=True)
    excluded = fields.Boolean(required=True)
    may_change_at = moment(allow_none=True)
    conditions = listed(TestedCondition)
