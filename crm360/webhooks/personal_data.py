"""Outgoing webhooks hold ids of customers and nothing else of them."""

from __future__ import annotations

from crm360.kernel.personal_data import Erasers, Keeps

ERASERS: Erasers = {}
KEEPS: Keeps = {
    "webhooks_endpoint": "about other systems",
    "webhooks_secret": "about other systems",
    "webhooks_pause": "about other systems",
    "webhooks_event": "a customer's id and what kind of thing happened; also how receivers learn of an erasure; gone after 30 days",
    "webhooks_delivery": "a customer's id and whether an event about them arrived; gone after 30 days",
    "webhooks_attempt": "what the receiving system answered to an id; gone after 30 days",
}
