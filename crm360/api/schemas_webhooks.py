"""What integrators say and hear of outgoing webhooks."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from crm360.api.fields import BIGGEST_ID, Instant, Said, cursor, limit, one_of, text
from crm360.api.schemas import listed, moment, number, word
from crm360.webhooks import queries
from crm360.webhooks.kinds import KINDS, TEST

_URL = {"description": "http or https, without a name or password in it."}
_KINDS = {"description": "Kinds of events; all when the list is empty."}


class NewEndpoint(Said):
    url = text(most=2000, least=1, required=True, metadata=_URL)
    kinds = fields.List(one_of(tuple(KINDS)), load_default=list, metadata=_KINDS)
    description = text(most=200, load_default="")


class ChangedEndpoint(Said):
    url = text(most=2000, least=1, metadata=_URL)
    kinds = fields.List(one_of(tuple(KINDS)), metadata=_KINDS)
    description = text(most=200)


class Paused(ma.Schema):
    reason = word("by_hand, gone (the receiver answered 410), failing (nothing arrived for days)")
    since = moment()
    by = word()


class Endpoint(ma.Schema):
    id = number()
    url = word()
    description = word()
    kinds = listed(fields.String())
    created_at = moment()
    paused = fields.Nested(Paused, required=True, allow_none=True)
    waiting = number("Events that have not arrived yet.")
    given_up = number("Events given up within 30 days.")
    succeeded_at = moment("When something last arrived.", allow_none=True)
    failing_since = moment("The first failure since then.", allow_none=True)


class EndpointWithSecret(Endpoint):
    secret = word("Signs deliveries (Standard Webhooks). Shown this once.")


class NewSecret(ma.Schema):
    secret = word("Shown this once.")
    old_secret_until = moment("Until then the secret before it signs too.", allow_none=True)


class EndpointList(ma.Schema):
    items = listed(Endpoint)


class DeliveryQuery(ma.Schema):
    endpoint_id = fields.Integer(validate=validate.Range(1, BIGGEST_ID))
    profile_id = fields.Integer(validate=validate.Range(1, BIGGEST_ID))
    state = one_of(queries.STATES)
    kind = one_of((*KINDS, TEST))
    after = cursor()
    limit = limit()


class Attempt(ma.Schema):
    at = moment()
    status = number("Of the answer; null when none came.", allow_none=True)
    failure = word(
        "Empty when an answer came: dns_failed, refused_address, timeout, tls_failed, connection_failed, cannot_sign"
    )
    milliseconds = number()
    answer = word("How the answer's body begins.")
    number = number()


class Delivery(ma.Schema):
    id = number()
    endpoint_id = number()
    message_id = word("Sent as webhook-id, the same with every attempt.")
    kind = word()
    profile_id = number(allow_none=True)
    occurred_at = moment()
    state = word("waiting, delivered, given_up")
    due_at = moment("When a waiting one is tried next, at the earliest.")
    settled_at = moment(allow_none=True)


class DeliveryPage(ma.Schema):
    items = listed(Delivery)
    next_cursor = word("Null on the last page.", allow_none=True)


class WholeDelivery(Delivery):
    body = word("What is sent, to the byte.")
    attempts = listed(Attempt)


class Since(Said):
    since = Instant(required=True, metadata={"description": "Only events that happened since then."})


class Count(ma.Schema):
    count = number("Events that will be sent again.")
