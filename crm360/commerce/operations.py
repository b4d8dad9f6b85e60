"""What may be done to purchases and carts. Batches, idempotent, in whatever order facts arrive."""

from crm360.commerce.carts import abandon_carts, record_cart_changes, record_cart_snapshots
from crm360.commerce.orders import record_cancellations, record_orders, record_refunds

__all__ = [
    "abandon_carts",
    "record_cancellations",
    "record_cart_changes",
    "record_cart_snapshots",
    "record_orders",
    "record_refunds",
]
