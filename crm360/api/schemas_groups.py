"""What answers about households and companies look like."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from crm360.api.schemas import Money, listed, moment, number, word


class GroupMember(ma.Schema):
    id = number("The member's profile.")
    href = word()
    display_name = word()
    evidence = fields.List(
        fields.String(), required=True,
        metadata={"description": "Why: family, email, phone in a household; `tax:…`, `domain:…` in a company."},
    )  # fmt: skip
    last_order_at = moment(allow_none=True)


class JointValue(ma.Schema):
    """The members' purchases added up, returns taken off, each currency by itself."""

    customers = number()
    buyers = number("Members who bought something.")
    orders = number()
    spend = listed(Money)
    last_order_at = moment(allow_none=True)


class Group(ma.Schema):
    name = word("The company or its domain; of a household the address.")
    evidence = fields.List(
        fields.String(), required=True, metadata={"description": "`tax:…`, `domain:…`, or the household's `door:…`."}
    )
    members = listed(GroupMember)
    value = fields.Nested(JointValue, required=True)


class Groups(ma.Schema):
    profile_id = number()
    household = fields.Nested(Group, required=True, allow_none=True, metadata={"description": "Who lives with them."})
    accounts = fields.List(
        fields.Nested(Group), required=True, metadata={"description": "Companies they buy for, the largest first."}
    )
