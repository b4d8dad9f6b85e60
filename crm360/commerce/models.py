"""Tables of purchases and carts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm360.kernel.db import Base, BigId, JsonValue, UtcDateTime


class Order(Base):
    """A purchase document: order, receipt, return or cancellation document. `contact_id` None: an anonymous receipt."""

    __tablename__ = "commerce_order"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index(None, "contact_id", "placed_at"),
        Index(None, "number"),
        Index(None, "kind", "placed_at", "status", "contact_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("identity_contact.id"))
    #: When the newest fact that named a contact spoke; an older one never overwrites it.
    contact_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String)
    external_id: Mapped[str] = mapped_column(String)
    number: Mapped[str] = mapped_column(String)
    #: sale, return, cancellation
    kind: Mapped[str] = mapped_column(String)
    #: open, paid, cancelled, refunded, partially_refunded; announced = a cancellation or refund came before the order
    status: Mapped[str] = mapped_column(String)
    #: What the version kept says of itself; `status` adds what cancellations and refunds say.
    stated_status: Mapped[str] = mapped_column(String)
    channel: Mapped[str] = mapped_column(String, default="")
    store: Mapped[str] = mapped_column(String, default="")
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: The source's own time of the version kept; an older version never overwrites it.
    version_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Digest of the version kept: tells a repeat from a change, and decides between two versions of one time.
    version_digest: Mapped[str] = mapped_column(String, default="")
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str] = mapped_column(String, default="")
    currency: Mapped[str] = mapped_column(String)
    total_minor: Mapped[int] = mapped_column(BigId, default=0)
    refunded_minor: Mapped[int] = mapped_column(BigId, default=0)
    discount_minor: Mapped[int] = mapped_column(BigId, default=0)
    shipping_minor: Mapped[int] = mapped_column(BigId, default=0)
    tax_minor: Mapped[int] = mapped_column(BigId, default=0)
    cart_id: Mapped[str] = mapped_column(String, default="")
    attributes: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)


class Line(Base):
    """One line of an order."""

    __tablename__ = "commerce_order_line"

    order_id: Mapped[int] = mapped_column(ForeignKey("commerce_order.id"), primary_key=True, autoincrement=False)
    line_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sku: Mapped[str] = mapped_column(String, default="")
    name: Mapped[str] = mapped_column(String, default="")
    category: Mapped[str] = mapped_column(String, default="")
    quantity: Mapped[float] = mapped_column(default=1.0)
    unit_price_minor: Mapped[int] = mapped_column(BigId, default=0)
    total_minor: Mapped[int] = mapped_column(BigId, default=0)


class Refund(Base):
    """Money given back on an order; one row per refund of the source, so a repeat changes nothing."""

    __tablename__ = "commerce_refund"

    order_id: Mapped[int] = mapped_column(ForeignKey("commerce_order.id"), primary_key=True, autoincrement=False)
    refund_id: Mapped[str] = mapped_column(String, primary_key=True)
    refunded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: None: the whole order.
    amount_minor: Mapped[int | None] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(String, default="")
    #: What was given back: [{"sku", "name", "quantity", "total_minor"}]; empty when the source does not say.
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue, default=list, server_default="[]")


class Cart(Base):
    """A cart as last seen, from changes or from whole snapshots.

    State: open (has lines), empty, ordered (an order came after the last change), abandoned (rested too long).
    """

    __tablename__ = "commerce_cart"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index(None, "contact_id"),
        Index(None, "state", "changed_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("identity_contact.id"))
    #: When the newest fact that named a contact spoke.
    contact_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String)
    external_id: Mapped[str] = mapped_column(String)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: The latest order or completed checkout that emptied it.
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String, default="open")
    currency: Mapped[str] = mapped_column(String, default="")
    total_minor: Mapped[int | None] = mapped_column(BigId)
    #: [{"product_id", "sku", "name", "quantity", "unit_price_minor"}]; computed from the snapshot and the changes
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue, default=list)
    recover_url: Mapped[str] = mapped_column(String, default="")
    #: The newest whole content heard: {"at", "lines", "currency", "total_minor", "recover_url"}
    snapshot: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    #: Changes since the newest snapshot or closing, oldest first, so that a late one finds its place.
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue, default=list)


class ValueFit(Base):
    """What was learned of all customers' purchases on one day: boundaries of scores, parameters of models. Derived."""

    __tablename__ = "commerce_value_fit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: Ages and recencies are counted to this moment.
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
    #: See `value_fits.Fit.document`.
    document: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)


class ProductPair(Base):
    """Two products many of the same customers bought, as counted at the newest fit. Derived."""

    __tablename__ = "commerce_product_pair"

    product: Mapped[str] = mapped_column(String, primary_key=True)
    other: Mapped[str] = mapped_column(String, primary_key=True)
    name: Mapped[str] = mapped_column(String, default="")
    other_name: Mapped[str] = mapped_column(String, default="")
    both: Mapped[int] = mapped_column()
    buyers: Mapped[int] = mapped_column()
    other_buyers: Mapped[int] = mapped_column()
    customers: Mapped[int] = mapped_column()


class CustomerValue(Base):
    """What a customer is worth, in numbers of `purchase_history` and scores of a fit. Derived: see `valuing`.

    Money in minor units of `currency`, the one most of their orders are in.
    """

    __tablename__ = "commerce_value"
    __table_args__ = (
        Index(None, "recency_score", "frequency_score"),
        Index(None, "fit_id"),
        Index(None, "last_at", "profile_id"),
        Index(None, "spend_minor", "profile_id"),
    )

    profile_id: Mapped[int] = mapped_column(ForeignKey("identity_profile.id"), primary_key=True, autoincrement=False)
    #: The fit the scores are of; None before the first.
    fit_id: Mapped[int | None] = mapped_column(ForeignKey("commerce_value_fit.id"))
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
    refreshed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    orders: Mapped[int] = mapped_column(default=0)
    purchase_days: Mapped[int] = mapped_column(default=0)
    returns: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String, default="")
    #: Net of refunds, returns and cancellations.
    spend_minor: Mapped[int] = mapped_column(BigId, default=0)
    average_minor: Mapped[int | None] = mapped_column(BigId)
    first_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Median days between purchase days; None under three of them.
    rhythm_days: Mapped[float | None] = mapped_column()
    recency_score: Mapped[int | None] = mapped_column()
    frequency_score: Mapped[int | None] = mapped_column()
    monetary_score: Mapped[int | None] = mapped_column()
    alive_probability: Mapped[float | None] = mapped_column()
    #: Of no purchase within a year.
    churn_probability: Mapped[float | None] = mapped_column()
    #: Purchases and money to be expected within a year.
    expected_orders: Mapped[float | None] = mapped_column()
    clv_minor: Mapped[int | None] = mapped_column(BigId)
    favourite_category: Mapped[str] = mapped_column(String, default="")
    #: [{"category", "orders"}], the most bought first
    categories: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue, default=list)
    abandoned_carts: Mapped[int] = mapped_column(default=0)
    abandoned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_product: Mapped[str] = mapped_column(String, default="")
    #: {"because", "sku", "both", "buyers", "customers", "lift", "support"}
    next_reason: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)


class ValueMark(Base):
    """A customer whose value is to be computed anew: appended by whoever changed something, gone when it has been."""

    __tablename__ = "commerce_value_mark"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    profile_id: Mapped[int] = mapped_column(BigId)
