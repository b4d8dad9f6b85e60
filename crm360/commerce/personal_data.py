"""How purchases and carts of a person go: the books stay, the person leaves them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from crm360.commerce.models import Cart, Order, Refund
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


ERASERS: Erasers = {"commerce_refund": clear_refunds, "commerce_order": detach_orders, "commerce_cart": erase_carts}
KEEPS: Keeps = {"commerce_order_line": "what a document lists, without its buyer"}
