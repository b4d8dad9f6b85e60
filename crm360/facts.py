"""The vocabulary: what a source may tell us about a customer, in words every room shares.

A source turns a foreign payload into these; `flows.receive` hands each to the room that keeps it. Facts are plain
immutable data: no database, no clock. Every datetime is timezone-aware UTC; every amount is an integer in minor units
(cents, grosze) beside its ISO 4217 currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from crm360.normalise.identifiers import IdentifierKind

F = TypeVar("F")


#: Field names a contact may carry (golden record and matching speak the same names). Values are display strings;
#: `birth_date` is ISO `YYYY-MM-DD`.
CONTACT_FIELDS = (
    "given_name",
    "family_name",
    "full_name",
    "company",
    "job_title",
    "gender",
    "birth_date",
    "birth_place",
    "street",
    "house_number",
    "address_2",
    "city",
    "postcode",
    "state",
    "country",
    "locale",
    "joined_on",
)


class ContactRef(NamedTuple):
    """One source's name for one customer: the key of a contact. `source` is the configured source's name.

    `external_id` is `<kind>:<id>`; the kind "anon" names a device, not a person.
    """

    source: str
    external_id: str

    @property
    def is_device(self) -> bool:
        return self.external_id.startswith("anon:")


class Identifier(NamedTuple):
    """Something that points at a person. `value` as the source wrote it; `verified` when the source proved it."""

    kind: IdentifierKind
    value: str
    verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSeen:
    """A source showed a customer. Fields given overwrite that source's older ones; absent fields are left alone.

    `anonymous` marks a visitor known by a device alone.
    """

    ref: ContactRef
    occurred_at: datetime
    fields: Mapping[str, str] = field(default_factory=dict)
    identifiers: tuple[Identifier, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    anonymous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SamePerson:
    """A source gave one of its customers another id: `ref` and the record it knew as `former` are one person.

    `former` may be unknown yet, or for ever. Counts as that source's decision, which staff can undo or overrule.
    """

    ref: ContactRef
    former: ContactRef
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRequested:
    """Somebody's right was claimed, by themselves, by their shop or by another system of ours.

    `about` and `identifiers` say who it may be; a request makes no contact, so `ref` is always None, and it brings no
    data back. `request_id` is the source's own id of the request. `right` "shop_erasure" is about everybody of a source.
    """

    ref: None = None
    source: str
    right: Literal[
        "access", "rectification", "erasure", "restriction", "portability", "objection", "withdrawal", "shop_erasure"
    ]
    request_id: str
    occurred_at: datetime
    via: str = "webhook"
    about: ContactRef | None = None
    identifiers: tuple[Identifier, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line of an order or receipt; a negative quantity is a return."""

    line_no: int
    sku: str = ""
    name: str = ""
    category: str = ""
    quantity: float = 1.0
    unit_price_minor: int = 0
    total_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced:
    """A purchase document as its source knows it now: order, receipt, or (kind) return and cancellation document.

    `ref` is None for an anonymous receipt. The same `(source, external_id)` again replaces what an older `version`
    said (`updated_at`, or the payload's own time): newest wins whatever the order of arrival.
    """

    ref: ContactRef | None
    source: str
    external_id: str
    number: str
    placed_at: datetime
    updated_at: datetime
    currency: str
    total_minor: int
    kind: Literal["sale", "return", "cancellation"] = "sale"
    status: Literal["open", "paid", "cancelled", "refunded", "partially_refunded"] = "paid"
    channel: str = "shop"
    store: str = ""
    discount_minor: int = 0
    shipping_minor: int = 0
    tax_minor: int = 0
    cart_id: str = ""
    lines: tuple[OrderLine, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled:
    """An order known by `(source, external_id)` was called off. May arrive before the order itself."""

    ref: ContactRef | None
    source: str
    external_id: str
    occurred_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefunded:
    """Money went back. `amount_minor` None means the whole order. `refund_id` makes the refund idempotent.

    `lines`: what was given back, when the source says so; quantities and totals positive.
    """

    ref: ContactRef | None
    source: str
    external_id: str
    refund_id: str
    occurred_at: datetime
    amount_minor: int | None = None
    currency: str = ""
    reason: str = ""
    lines: tuple[OrderLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CartChanged:
    """A customer looked at a product, put it into the cart or took it out; or started a checkout (no product)."""

    ref: ContactRef
    action: Literal["viewed", "added", "removed", "checkout_started"]
    occurred_at: datetime
    product_id: str = ""
    sku: str = ""
    name: str = ""
    category: str = ""
    quantity: float = 1.0
    unit_price_minor: int | None = None
    currency: str = ""
    cart_id: str = ""
    url: str = ""
    #: Whatever else was said of the product: brand, variant, coupon, position, image.
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CartSnapshot:
    """A cart's whole content at a time (shops send carts whole, not changes). `ref` None: nobody is known yet."""

    ref: ContactRef | None
    source: str
    cart_id: str
    occurred_at: datetime
    currency: str = ""
    total_minor: int | None = None
    lines: tuple[OrderLine, ...] = ()
    recover_url: str = ""
    completed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageExchanged:
    """One message of a conversation. `direction` is seen from the shop: in = from the customer.

    `conversation_id` and `message_id` are the source's own ids; `body` is plain text; `note` marks an agent's private
    note; `automatic` marks auto-replies and mailing lists, which are not the customer's activity.
    """

    ref: ContactRef
    source: str
    channel: Literal["email", "chat", "phone", "social"]
    conversation_id: str
    message_id: str
    direction: Literal["in", "out", "note"]
    occurred_at: datetime
    subject: str = ""
    body: str = ""
    author: str = ""
    in_reply_to: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationChanged:
    """A conversation was opened, resolved, reopened or assigned."""

    ref: ContactRef
    source: str
    channel: Literal["email", "chat", "phone", "social"]
    conversation_id: str
    occurred_at: datetime
    status: Literal["open", "pending", "resolved", "snoozed", ""] = ""
    agent: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentStated:
    """An act, or a source's claim of an act, about one address, for one purpose, on one channel.

    `evidence_grade`: A double opt-in or authenticated; B single opt-in with form and time; C recorded by staff or on
    paper; D a bare claim (an import), which never permits sending. `statement_id` is the source's own id of the act.
    """

    ref: ContactRef
    identifier: Identifier
    purpose: str
    channel: Literal["email", "sms", "phone", "push", "post", "web"]
    state: Literal["given", "withdrawn", "refused", "pending_confirmation", "unknown"]
    occurred_at: datetime
    source: str
    method: str = ""
    evidence_grade: Literal["A", "B", "C", "D"] = "D"
    notice: str = ""
    statement_id: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    #: No act but a signal that comes with every request (Global Privacy Control): `statement_id` alone tells repeats.
    standing: bool = False
    undated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingEvent:
    """What became of a message we sent to `address`.

    hard_bounced: the address takes no mail and never will; soft_bounced: it could not be reached or is full; blocked: the
    message or its sender was refused. `event_id` is the source's own id of the event, `message_id` of the message.
    `automatic`: a machine opened or clicked (a privacy proxy, a scanner). `status` is an RFC 3463 code.
    """

    ref: ContactRef
    source: str
    address: str
    kind: Literal[
        "sent", "delivered", "deferred", "soft_bounced", "hard_bounced", "blocked", "complained", "opened", "clicked",
        "unsubscribed",
    ]  # fmt: skip
    occurred_at: datetime
    channel: Literal["email", "sms"] = "email"
    event_id: str = ""
    message_id: str = ""
    campaign: str = ""
    status: str = ""
    reason: str = ""
    url: str = ""
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSubscribed:
    """A browser takes push messages at `endpoint`, encrypted for its keys (base64url). `device`: the site's id of it."""

    ref: ContactRef
    device: str
    endpoint: str
    p256dh: str
    auth: str
    occurred_at: datetime
    user_agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushEnded:
    """A browser takes no more push messages at `endpoint`."""

    ref: ContactRef
    endpoint: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityNoted:
    """Any other behaviour worth a line on the timeline: page viewed, e-mail opened, form sent, a custom event.

    `kind` is a dotted lower-case name ("page.viewed", "email.opened", "custom.quiz-finished"); `title` is what a reader
    sees first. `activity_id` is the source's own id of something told again when it changes: the last word counts.
    """

    ref: ContactRef
    kind: str
    occurred_at: datetime
    title: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    activity_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewWritten:
    """What a customer wrote in public of a product or of the shop, as its source has it now: the newest word counts.

    `ref` None: nobody is named. `rating` 1 to 5; None where only words were written. `verified`: the source knows of a
    purchase. `state`: whether the source shows it. `answer`: what the shop answered there already.
    """

    ref: ContactRef | None
    source: str
    external_id: str
    occurred_at: datetime
    updated_at: datetime
    rating: int | None = None
    title: str = ""
    body: str = ""
    author: str = ""
    product_id: str = ""
    product: str = ""
    url: str = ""
    verified: bool = False
    state: Literal["published", "waiting", "removed"] = "published"
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsStated:
    """A source's own labels for a customer (shop tags, list groups). Replaces that source's earlier set."""

    ref: ContactRef
    tags: tuple[str, ...]
    occurred_at: datetime


Fact = (
    ContactSeen | SamePerson | PrivacyRequested | OrderPlaced | OrderCancelled | OrderRefunded
    | CartChanged | CartSnapshot | MessageExchanged | ConversationChanged | ConsentStated | MailingEvent
    | PushSubscribed | PushEnded | ActivityNoted | ReviewWritten | TagsStated
)  # fmt: skip


class Received(NamedTuple, Generic[F]):
    """A fact with what the house knows of it: the contact it hangs on and the raw payload it came from."""

    contact_id: int | None
    payload_id: int | None
    fact: F
    #: ISO alpha-2: how the source writes national phone numbers.
    region: str = "PL"
