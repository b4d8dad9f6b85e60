"""Which raw payloads a contact's timeline came from."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from crm360.kernel.db import db
from crm360.profiles.models import TimelineEntry


def payloads_of(contact_ids: Sequence[int]) -> list[int]:
    """Ids of the payloads that wrote lines about these contacts (at most a few hundred contacts a call)."""
    query = select(TimelineEntry.payload_id).where(
        TimelineEntry.contact_id.in_(contact_ids), TimelineEntry.payload_id.is_not(None)
    )
    return sorted(set(db.session.scalars(query)))
