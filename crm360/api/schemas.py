"""What answers look like."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from crm360.api.fields import Instant


def number(about: str = "", **kwargs: Any) -> fields.Integer:
    return fields.Integer(required=True, metadata={"description": about} if about else {}, **kwargs)


def word(about: str = "", **kwargs: Any) -> fields.String:
    return fields.String(required=True, metadata={"description": about} if about else {}, **kwargs)


def moment(about: str = "", **kwargs: Any) -> Instant:
    return Instant(required=True, metadata={"description": about} if about else {}, **kwargs)


def listed(inner: type[ma.Schema] | fields.Field) -> fields.List:
    return fields.List(fields.Nested(inner) if isinstance(inner, type) else inner, required=True)


class Problem(ma.Schema):
    """A failure (RFC 9457)."""

    type = word()
    title = word()
    status = number("The HTTP status.")
    detail = word("What happened, in words.")
    errors = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), required=True,
        metadata={"description": "Field or parameter → what is wrong with it; events by position: `events.0.type`."},
    )  # fmt: skip
    request_id = word("The number of this call in our log.")


class Money(ma.Schema):
    amount_minor = number("In minor units: cents, grosze.")
    currency = word("ISO 4217.")
    amount = word("In major units, for reading.")


class Match(ma.Schema):
    kind = word("name, company, city, email, phone, card, order, id")
    text = word("What matched, as people write it.")


class ProfileSummary(ma.Schema):
    id = number()
    href = word()
    display_name = word()
    city = word()
    match = fields.Nested(Match, required=True, allow_none=True, metadata={"description": "Why a search found it."})


class ProfilePage(ma.Schema):
    items = listed(ProfileSummary)
    next_cursor = word("Null on the last page.", allow_none=True)


class Statement(ma.Schema):
    value = word()
    source = word()
    contact_id = number()
    at = moment("When the source said so.")


class GoldenField(Statement):
    rule = word("Why this value and not another; `pinned`: a person chose it.")
    by = fields.String(metadata={"description": "Who pinned it; only of a pinned value."})
    others = listed(Statement)


class Identifier(ma.Schema):
    kind = word("email, phone, card, customer_id, device, national_id, tax_id, chat_id")
    value = word()
    verified = fields.Boolean(required=True)
    sources = listed(fields.String())
    first_seen_at = moment()
    last_seen_at = moment()


class Value(ma.Schema):
    orders = number()
    returns = number()
    cancelled = number()
    spend = listed(Money)
    average = listed(Money)
    first_order_at = moment(allow_none=True)
    last_order_at = moment(allow_none=True)
    last_order = fields.Nested(Money, required=True, allow_none=True)
    recency_days = number("Whole days since the last order.", allow_none=True)


class Consent(ma.Schema):
    identifier_kind = word()
    identifier = word()
    purpose = word()
    channel = word()
    permitted = fields.Boolean(required=True)
    state = word("given, withdrawn, refused, pending_confirmation, imported_unverified, unknown, suppressed")
    reason = word("A stable code.")
    explanation = word("The reason in words.")
    since = moment(allow_none=True)


class Links(ma.Schema):
    canonical = word("The profile under its present id.")
    timeline = word()
    contacts = word()
    orders = word()


class Profile(ma.Schema):
    id = number("The present id: another than the one asked for when that was merged into it.")
    requested_id = number()
    links = fields.Nested(Links, required=True)
    display_name = word()
    city = word()
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.Nested(GoldenField), required=True, data_key="fields", attribute="fields",
        metadata={"description": "The golden record: one value per field, with where it comes from."},
    )  # fmt: skip
    identifiers = listed(Identifier)
    value = fields.Nested(Value, required=True)
    consents = listed(Consent)
    tags = listed(fields.String())
    source_tags = listed(fields.String())
    contact_count = number()
    lookalike_count = number("Other profiles that may be the same person (at most 5 are counted).")


class TimelineEvent(ma.Schema):
    id = number()
    kind = word("Dotted: the part before the first dot is the group.")
    group = word()
    occurred_at = moment()
    title = word()
    properties = fields.Dict(keys=fields.String(), required=True)
    subject = word("The row that holds the structure, such as order:17.", allow_none=True)
    source = word()
    contact_id = number()


class Timeline(ma.Schema):
    profile_id = number()
    items = listed(TimelineEvent)
    next_cursor = word("Null on the last page.", allow_none=True)


class StatedField(ma.Schema):
    value = word()
    at = moment("When the source said so.")


class StatedAttribute(ma.Schema):
    value = fields.Raw(required=True, metadata={"description": "As the source sent it: any JSON."})
    at = moment("When the source said so.")


class ContactIdentifier(ma.Schema):
    kind = word()
    value = word()
    verified = fields.Boolean(required=True)
    first_seen_at = moment()
    last_seen_at = moment()


class Contact(ma.Schema):
    id = number()
    source = word()
    external_id = word()
    anonymous = fields.Boolean(required=True)
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.Nested(StatedField), required=True, data_key="fields", attribute="fields"
    )
    identifiers = listed(ContactIdentifier)
    attributes = fields.Dict(keys=fields.String(), values=fields.Nested(StatedAttribute), required=True)
    source_tags = listed(fields.String())
    first_seen_at = moment()
    last_seen_at = moment()


class ContactList(ma.Schema):
    profile_id = number()
    items = listed(Contact)


class OrderLine(ma.Schema):
    line_no = number()
    sku = word()
    name = word()
    category = word()
    quantity = fields.Float(required=True)
    unit_price = fields.Nested(Money, required=True)
    total = fields.Nested(Money, required=True)


class Order(ma.Schema):
    id = number()
    source = word()
    external_id = word()
    number = word()
    kind = word("sale, return, cancellation")
    status = word("open, paid, cancelled, refunded, partially_refunded")
    channel = word()
    store = word()
    placed_at = moment()
    cancelled_at = moment(allow_none=True)
    total = fields.Nested(Money, required=True)
    refunded = fields.Nested(Money, required=True)
    discount = fields.Nested(Money, required=True)
    shipping = fields.Nested(Money, required=True)
    tax = fields.Nested(Money, required=True)
    lines = listed(OrderLine)


class OrderList(ma.Schema):
    profile_id = number()
    items = listed(Order)
    next_cursor = word("Null on the last page.", allow_none=True)


class Decision(ma.Schema):
    decision_id = number("What `POST /decisions/{id}/undo` takes.")
    profile_ids = listed(fields.Integer())
    profile_id = number("Where the customer is now.", allow_none=True)


class Receipt(ma.Schema):
    received = number("New payloads, kept and waiting to be processed.")
    repeated = number("Payloads that came before; they change nothing.")
