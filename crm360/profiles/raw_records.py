"""Whose raw payload is it: the link between a customer's timeline and the inbox."""

from __future__ import annotations

from sqlalchemy import exists, select

from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.profiles.models import TimelineEntry


def is_of(profile_id: int, payload_id: int) -> bool:
    """Whether a line of the customer's timeline came from this payload."""
    theirs = TimelineEntry.contact_id.in_(select(Contact.id).where(Contact.profile_id == profile_id))
    return bool(db.session.scalar(select(exists().where(theirs, TimelineEntry.payload_id == payload_id))))
