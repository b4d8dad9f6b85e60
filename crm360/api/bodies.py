"""What integrators may send."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import marshmallow as ma
from marshmallow import fields, validate

from crm360.api.fields import BIGGEST_ID, Amount, BirthDate, Instant, Said, cursor, limit, one_of, text
from crm360.facts import CONTACT_FIELDS, CartChanged, ConsentStated, MessageExchanged, ReviewWritten
from crm360.sources import api_contact, api_events, api_orders

MOST_EVENTS = 1000
MOST_IDENTIFIERS = 50
MOST_LINES = 1000
_CURRENCY = validate.Regexp("^[A-Z]{3}$", error="Three capital letters such as PLN.")


def words_of(kind: type[Any], field: str) -> tuple[str, ...]:
    """The words a fact's field knows."""
    return get_args(get_type_hints(kind)[field])


def several(inner: type[Said], most: int) -> fields.List:
    return fields.List(fields.Nested(inner), validate=validate.Length(max=most))


class ProfileQuery(ma.Schema):
    q = text(
        most=200, load_default="",
        metadata={"description": "Name, e-mail, phone, card, order number; in part.", "example": "kania"},
    )  # fmt: skip
    after = cursor()
    limit = limit(default=20)

    @ma.validates_schema
    def search_has_one_page(self, data: dict[str, Any], **_: Any) -> None:
        if data["q"] and data["after"]:
            raise ma.ValidationError("A search has one page; narrow it instead.", "after")


class TimelineQuery(ma.Schema):
    groups = text(
        most=200,
        load_default="",
        metadata={
            "description": "Only these groups, separated by commas: order,cart,message,consent,page,…",
            "example": "order,cart",
        },
    )
    after = cursor()
    limit = limit()


class PageQuery(ma.Schema):
    after = cursor()
    limit = limit(default=20)


class MergeRequest(Said):
    with_ = fields.Integer(
        required=True, strict=True, data_key="with", validate=validate.Range(1, BIGGEST_ID),
        metadata={"description": "Id of the other profile."},
    )  # fmt: skip
    reason = text(load_default="")


class UndoRequest(Said):
    reason = text(load_default="")


class SentIdentifier(Said):
    kind = one_of(api_contact.KINDS, required=True)
    value = text(most=320, least=1, required=True)
    verified = fields.Boolean(truthy={True}, falsy={False}, metadata={"description": "You proved it."})
    source = text(
        most=100, least=1, metadata={"description": "Of customer and chat ids: the source that gave it, else yours."}
    )


ContactFields = Said.from_dict(
    {name: text() for name in CONTACT_FIELDS} | {"birth_date": BirthDate()}, name="ContactFields"
)


class SentContact(Said):
    source = text(most=100, least=1, metadata={"description": "Name of your system; the key's name by default."})
    event_id = text(most=200, least=1, metadata={"description": "Your own id of this statement: repeats are ignored."})
    external_id = text(most=200, least=1, required=True, metadata={"description": "Your own id of the customer."})
    occurred_at = Instant(metadata={"description": "When it was so; now by default."})
    fields_ = fields.Nested(ContactFields, data_key="fields")
    identifiers = several(SentIdentifier, MOST_IDENTIFIERS)
    attributes = fields.Dict(keys=fields.String())
    tags = fields.List(text(most=60, least=1), validate=validate.Length(max=100))


class SentOrderLine(Said):
    sku = text()
    name = text()
    category = text()
    quantity = fields.Float(validate=validate.Range(-1e9, 1e9))
    unit_price = Amount()
    total = Amount()


class SentRefund(Said):
    id = text(most=200, least=1, required=True)
    amount = Amount()
    reason = text()
    refunded_at = Instant()


class SentOrder(Said):
    """The order as a whole, as it is now: the newest `occurred_at` wins."""

    id = text(most=200, least=1, required=True)
    number = text(most=200)
    currency = fields.String(required=True, validate=_CURRENCY)
    total = Amount()
    discount = Amount()
    shipping = Amount()
    tax = Amount()
    kind = one_of(api_orders.KINDS)
    status = one_of(api_orders.STATUSES)
    channel = text(most=60)
    store = text()
    placed_at = Instant()
    cart_id = text(most=200)
    lines = several(SentOrderLine, MOST_LINES)
    refunds = several(SentRefund, 100)
    attributes = fields.Dict(keys=fields.String())


class SentCart(Said):
    action = one_of(words_of(CartChanged, "action"), required=True)
    product_id = text(most=200)
    sku = text(most=200)
    name = text()
    category = text()
    quantity = fields.Float(validate=validate.Range(0, 1e9))
    unit_price = Amount()
    currency = fields.String(validate=_CURRENCY)
    cart_id = text(most=200)
    url = text(most=2000)


class SentMessage(Said):
    channel = one_of(words_of(MessageExchanged, "channel"), required=True)
    direction = one_of(words_of(MessageExchanged, "direction"), required=True)
    message_id = text(most=200, least=1)
    conversation_id = text(most=200, least=1)
    subject = text()
    body = fields.String(validate=validate.Length(max=200_000))
    author = text()
    automatic = fields.Boolean(truthy={True}, falsy={False})


class SentConsent(Said):
    purpose = text(most=60, least=1, required=True)
    channel = one_of(words_of(ConsentStated, "channel"), required=True)
    state = one_of(words_of(ConsentStated, "state"), required=True)
    identifier = fields.Nested(SentIdentifier)
    evidence_grade = one_of(
        words_of(ConsentStated, "evidence_grade"),
        metadata={"description": "A double opt-in, B form with notice and time, C by staff, D a bare claim (default)."},
    )
    method = text(most=60)
    notice = text()
    evidence = fields.Dict(keys=fields.String())


class SentActivity(Said):
    kind = text(most=120, required=True, metadata={"description": "Dotted lower-case words: quiz.finished."})
    title = text(most=300)
    properties = fields.Dict(keys=fields.String())


class SentReview(Said):
    """A review as a whole, as it is now: the newest `occurred_at` wins."""

    id = text(most=200, least=1, metadata={"description": "Your own id of the review; the event_id by default."})
    rating = fields.Float(validate=validate.Range(0, 100), metadata={"description": "Stars, 1 to `max_rating`."})
    max_rating = fields.Float(
        validate=validate.Range(2, 100), metadata={"description": "Where the scale ends; 5 by default."}
    )
    title = text(most=300)
    body = fields.String(validate=validate.Length(max=20_000))
    author = text(most=300)
    product_id = text(most=200)
    product_name = text(most=300)
    url = text(most=2000)
    verified = fields.Boolean(truthy={True}, falsy={False}, metadata={"description": "You know of a purchase."})
    state = one_of(words_of(ReviewWritten, "state"))
    answer = fields.String(
        validate=validate.Length(max=20_000), metadata={"description": "What it was answered already."}
    )
    written_at = Instant()


class SentEvent(Said):
    """Who, when, and one object named after the type."""

    type = one_of(api_events.TYPES, required=True)
    event_id = text(most=200, least=1, metadata={"description": "Your own id of the event: repeats are ignored."})
    external_id = text(most=200, least=1, metadata={"description": "Your own id of the customer."})
    identifiers = several(SentIdentifier, MOST_IDENTIFIERS)
    occurred_at = Instant(metadata={"description": "Required without event_id: else repeats could not be told."})
    order = fields.Nested(SentOrder)
    cart = fields.Nested(SentCart)
    message = fields.Nested(SentMessage)
    consent = fields.Nested(SentConsent)
    activity = fields.Nested(SentActivity)
    review = fields.Nested(SentReview)

    @ma.validates_schema(skip_on_field_errors=True)
    def part_fits_type(self, data: dict[str, Any], **_: Any) -> None:
        for name in api_events.TYPES:
            if (name in data) != (name == data["type"]):
                wanted = "is required" if name == data["type"] else "does not belong"
                raise ma.ValidationError(f"`{name}` {wanted} in an event of the type {data['type']}.", name)


class SentEvents(Said):
    source = text(most=100, least=1, metadata={"description": "Name of your system; the key's name by default."})
    events = fields.List(fields.Nested(SentEvent), required=True, validate=validate.Length(min=1, max=MOST_EVENTS))


class IngestionHeaders(ma.Schema):
    """Other headers are none of our business."""

    class Meta:
        unknown = ma.EXCLUDE

    idempotency_key = text(
        most=200, least=1, data_key="Idempotency-Key",
        metadata={"description": "Names the whole call: sent again with the same body, it changes nothing."},
    )  # fmt: skip
