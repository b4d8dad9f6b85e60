"""Outgoing webhooks hold ids of customers and nothing else of them."""

from __future__ import annotations

from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows

ERASERS: Erasers = {}
KEEPS: Keeps = {
    "webhooks_endpoint": "about other systems",
    "webhooks_secret": "about other systems",
    "webhooks_pause": "about other systems",
    "webhooks_event": "a customer's id and what kind of thing happened; also how receivers learn of an erasure; gone after 30 days",
    "webhooks_delivery": "a customer's id and whether an event about them arrived; gone after 30 days",
    "webhooks_attempt": "what the receiving system answered to an id; gone after 30 days",
}
COLUMNS: Columns = {
    "webhooks_endpoint": {"settings": "id url description kinds created_at quiet_until failing_since succeeded_at"},
    "webhooks_secret": {"settings": "id endpoint_id created_at retires_at", "secret": "sealed"},
    "webhooks_pause": {
        "settings": "id endpoint_id reason paused_at resumed_at",
        "staff": "paused_by resumed_by",
    },
    "webhooks_event": {"link": "id message_id profile_id body", "kind": "kind", "time": "occurred_at"},
    "webhooks_delivery": {
        "link": "id event_id profile_id other_profile_id",
        "settings": "endpoint_id state attempts due_at claimed_until settled_at",
    },
    "webhooks_attempt": {
        "link": "id delivery_id",
        "settings": "number at status symbol excerpt milliseconds",
    },
}
ROWS: Rows = {}
