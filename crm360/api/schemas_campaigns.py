"""What integrators say and hear of campaigns."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from crm360.api.fields import BIGGEST_ID, Said, limit, one_of, text
from crm360.api.schemas import listed, moment, number, word
from crm360.outreach import launching, plan


class Audience(Said):
    kind = one_of(launching.AUDIENCES, required=True)
    segment_id = fields.Integer(validate=validate.Range(1, BIGGEST_ID))
    profile_ids = fields.List(
        fields.Integer(validate=validate.Range(1, BIGGEST_ID)), validate=validate.Length(max=10_000)
    )


class Choices(Said):
    cap = fields.Integer(validate=validate.Range(0, 100))
    control_percent = fields.Integer(validate=validate.Range(0, 50))
    test_percent = fields.Integer(validate=validate.Range(2, 100))
    winner_by = one_of(plan.WINNERS)
    decide_after_hours = fields.Integer(validate=validate.Range(1, 168))
    conversion_days = fields.Integer(validate=validate.Range(1, 90))
    track = fields.Boolean()
    sender_name = text(most=100)
    reply_to = text(most=200)


class NewCampaign(Said):
    name = text(most=120, least=1, required=True)
    purpose = text(most=40, least=1, load_default="marketing")
    audience = fields.Nested(Audience, required=True)
    templates = fields.List(
        fields.Integer(validate=validate.Range(1, BIGGEST_ID)), required=True, validate=validate.Length(1, 5),
        metadata={"description": "Several are tried against each other."},
    )  # fmt: skip
    plan = fields.Nested(Choices, load_default=dict)


class Fall(ma.Schema):
    step = word("Where people are left behind; the first step is `matched`.")
    lost = number()
    left = number("How many go on; of the last step: how many get the message.")


class Did(ma.Schema):
    kind = word("delivered, opened, clicked, unsubscribed, complained, soft_bounced, hard_bounced, blocked")
    people = number()
    by_machine = number("Recipients of whom only machines did it.")


class Campaign(ma.Schema):
    id = number()
    name = word()
    purpose = word()
    state = word("draft, scheduled, running, paused, finished, cancelled")
    created_at = moment()
    launched_at = moment(allow_none=True)
    ended_at = moment(allow_none=True)


class WholeCampaign(Campaign):
    audience = fields.Dict(required=True)
    templates = listed(fields.Integer())
    plan = fields.Dict(required=True)
    waterfall = listed(Fall)
    outcomes = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    did = listed(Did)
    bought = number("Recipients who bought within the window.")
    winner = fields.Dict(required=True)


class CampaignList(ma.Schema):
    items = listed(Campaign)


class Recipient(ma.Schema):
    id = number()
    profile_id = number()
    state = word("waiting, handed, sent, refused, unknown, stopped, cancelled, control, skipped")
    step = word()
    reason = word()
    evidence = listed(fields.Integer(metadata={"description": "Numbers of consent statements."}))
    variant = word()
    settled_at = moment(allow_none=True)


class RecipientPage(ma.Schema):
    items = listed(Recipient)
    next_after = number("Null on the last page.", allow_none=True)


class AskedRecipients(ma.Schema):
    state = text(most=20, load_default="")
    step = text(most=20, load_default="")
    after = fields.Integer(load_default=0, validate=validate.Range(0, BIGGEST_ID))
    limit = limit(default=100, most=1000)
