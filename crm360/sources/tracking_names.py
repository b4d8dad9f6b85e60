"""Event names of the tracking specification: one spelling for each, the old (version 1) names included."""

from __future__ import annotations

import re
import unicodedata

_OLD_NAMES = {
    "completed order": "order completed",
    "updated order": "order updated",
    "refunded order": "order refunded",
    "cancelled order": "order cancelled",
    "order canceled": "order cancelled",
    "started order": "checkout started",
    "reviewed product": "product reviewed",
    "viewed product": "product viewed",
    "clicked product": "product clicked",
    "added product": "product added",
    "removed product": "product removed",
    "added to cart": "product added",
    "viewed cart": "cart viewed",
    "viewed product category": "product list viewed",
    "product category viewed": "product list viewed",
    "viewed checkout step": "checkout step viewed",
    "completed checkout step": "checkout step completed",
    "viewed promotion": "promotion viewed",
    "clicked promotion": "promotion clicked",
    "searched products": "products searched",
    "email unsubscribed": "unsubscribed",
}
EMAIL_EVENTS = {
    "email delivered": "email.delivered",
    "email opened": "email.opened",
    "email link clicked": "email.clicked",
    "email bounced": "email.bounced",
    "email marked as spam": "email.marked-as-spam",
    "unsubscribed": "email.unsubscribed",
}
#: Events of the e-commerce specification that are a line on the timeline and nothing more.
SHOP_ACTIVITIES = {
    "products searched": "products.searched",
    "product list viewed": "product-list.viewed",
    "product list filtered": "product-list.filtered",
    "promotion viewed": "promotion.viewed",
    "promotion clicked": "promotion.clicked",
    "product clicked": "product.clicked",
    "cart viewed": "cart.viewed",
    "cart shared": "cart.shared",
    "checkout step viewed": "checkout.step-viewed",
    "checkout step completed": "checkout.step-completed",
    "payment info entered": "checkout.payment-entered",
    "coupon entered": "coupon.entered",
    "coupon applied": "coupon.applied",
    "coupon denied": "coupon.denied",
    "coupon removed": "coupon.removed",
    "product added to wishlist": "wishlist.added",
    "product removed from wishlist": "wishlist.removed",
    "wishlist product added to cart": "wishlist.moved-to-cart",
    "product shared": "product.shared",
}
_SEPARATORS = re.compile(r"[\s_\-]+")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def canonical(name: str) -> str:
    """ "Completed Order", "order_completed", "Order Completed" → "order completed"."""
    spoken = _SEPARATORS.sub(" ", name).strip().casefold()
    return _OLD_NAMES.get(spoken, spoken)


def custom_kind(name: str) -> str:
    """An event name of somebody's own → "custom.<slug>", at most 80 characters."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ł", "l"))
    slug = _NOT_SLUG.sub("-", plain.encode("ascii", "ignore").decode()).strip("-")
    return f"custom.{slug or 'event'}"[:80].rstrip("-")
