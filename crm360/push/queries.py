"""Which browsers take messages. Nothing here writes."""

from __future__ import annotations

from sqlalchemy import select

from crm360.identity.queries import contact_ids
from crm360.kernel.db import db
from crm360.push.models import Subscription


def subscriptions_of(profile_id: int) -> list[Subscription]:
    """Every browser of a profile, those that ended included, the newest first."""
    theirs = select(Subscription).where(Subscription.contact_id.in_(contact_ids(profile_id)))
    return list(db.session.scalars(theirs.order_by(Subscription.subscribed_at.desc(), Subscription.id)))
