"""How purchases and carts of a person go: the books stay, the person leaves them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from crm360.commerce import valuing
from crm360.commerce.models import Cart, CustomerValue, Order, Refund
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.kernel.personal_data import Erasers, Keeps, Whom


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
