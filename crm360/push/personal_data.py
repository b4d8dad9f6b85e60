"""How a person's browsers are forgotten."""

from __future__ import annotations

from sqlalchemy import delete

from crm360.kernel.db import db
from crm360.kernel.personal_data import Erasers, Keeps, Whom
from crm360.push.models import Subscription


def erase_subscriptions(whom: Whom) -> None:
    db.session.execute(delete(Subscription).where(Subscription.contact_id.in_(whom.contact_ids)))


ERASERS: Erasers = {"push_subscription": erase_subscriptions}
KEEPS: Keeps = {}
