"""How purchases and carts of a person go: the books stay, the person leaves them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from crm360.commerce import valuing
from crm360.commerce.models import Cart, CustomerValue, Line, Order, Refund
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom


def clear_refunds(whom: Whom) -> None:
    """The amounts are the shop's books; what somebody wrote beside them goes. Runs before the orders are anonymous."""
    orders = select(Order.id).where(Order.contact_id.in_(whom.contact_ids))
    db.session.execute(update(Refund).where(Refund.order_id.in_(orders)).values(reason=""))


def detach_orders(whom: Whom) -> None:
    """Tax law keeps the documents; they become anonymous receipts."""
    emptied: dict[str, Any] = {"contact_id": None, "attributes": {}, "cart_id": "", "cancel_reason": ""}
    db.session.execute(update(Order).where(Order.contact_id.in_(whom.contact_ids)).values(emptied))


def erase_carts(whom: Whom) -> None:
    db.session.execute(delete(Cart).where(Cart.contact_id.in_(whom.contact_ids)))


def erase_values(whom: Whom) -> None:
    """What was computed of them goes at once; what is left of the customer, if anything, is valued anew."""
    theirs = list(db.session.scalars(select(Contact.profile_id).where(Contact.id.in_(whom.contact_ids))))
    valuing.mark([each for each in theirs if each is not None])
    db.session.execute(delete(CustomerValue).where(CustomerValue.profile_id.in_(theirs)))


ERASERS: Erasers = {
    "commerce_value": erase_values,
    "commerce_refund": clear_refunds,
    "commerce_order": detach_orders,
    "commerce_cart": erase_carts,
}
KEEPS: Keeps = {
    "commerce_order_line": "what a document lists, without its buyer",
    "commerce_value_fit": "sums over all customers, none of whom can be told from them",
    "commerce_product_pair": "counts over all customers, at least three in each",
    "commerce_value_mark": "numbers of profiles that wait a moment to be computed anew",
}
COLUMNS: Columns = {
    "commerce_value": {
        "link": "profile_id fit_id",
        "conclusions": "orders purchase_days returns cancelled currency spend_minor average_minor rhythm_days recency_score frequency_score monetary_score alive_probability churn_probability expected_orders clv_minor favourite_category categories abandoned_carts next_product next_reason",
        "time": "as_of refreshed_at first_at last_at abandoned_at",
    },
    "commerce_value_fit": {"settings": "id as_of document"},
    "commerce_product_pair": {"settings": "product other name other_name both buyers other_buyers customers"},
    "commerce_value_mark": {"link": "id profile_id"},
    "commerce_order": {
        "link": "id contact_id",
        "purchases": "cart_id attributes cancel_reason",
        "books": "source external_id number store currency total_minor refunded_minor discount_minor shipping_minor tax_minor",
        "kind": "kind status stated_status channel",
        "time": "contact_at placed_at version_at cancelled_at",
        "settings": "version_digest",
    },
    "commerce_order_line": {
        "link": "order_id",
        "books": "line_no sku name category quantity unit_price_minor total_minor",
    },
    "commerce_refund": {
        "link": "order_id",
        "purchases": "reason",
        "books": "refund_id amount_minor lines",
        "time": "refunded_at",
    },
    "commerce_cart": {
        "link": "id contact_id",
        "purchases": "external_id currency total_minor lines recover_url snapshot changes",
        "kind": "source state",
        "time": "contact_at opened_at changed_at closed_at",
    },
}


def _orders(whom: Whom) -> Any:
    return select(Order.id).where(Order.contact_id.in_(whom.contact_ids))


def _profiles(whom: Whom) -> Any:
    return select(Contact.profile_id).where(Contact.id.in_(whom.contact_ids), Contact.profile_id.is_not(None))


ROWS: Rows = {
    "commerce_value": lambda whom: CustomerValue.profile_id.in_(_profiles(whom)),
    "commerce_order": lambda whom: Order.contact_id.in_(whom.contact_ids),
    "commerce_order_line": lambda whom: Line.order_id.in_(_orders(whom)),
    "commerce_refund": lambda whom: Refund.order_id.in_(_orders(whom)),
    "commerce_cart": lambda whom: Cart.contact_id.in_(whom.contact_ids),
}
