"""How a person's browsers are forgotten."""

from __future__ import annotations

from sqlalchemy import delete

from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom
from crm360.push.models import Subscription


def erase_subscriptions(whom: Whom) -> None:
    db.session.execute(delete(Subscription).where(Subscription.contact_id.in_(whom.contact_ids)))


ERASERS: Erasers = {"push_subscription": erase_subscriptions}
KEEPS: Keeps = {}
COLUMNS: Columns = {
    "push_subscription": {
        "link": "id contact_id",
        "online": "device endpoint endpoint_digest user_agent",
        "secret": "p256dh auth",
        "kind": "source ended_reason",
        "time": "subscribed_at ended_at sent_at",
        "settings": "failures",
    },
}
ROWS: Rows = {"push_subscription": lambda whom: Subscription.contact_id.in_(whom.contact_ids)}
