"""Who has an identifier already."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, tuple_

from crm360.identity.models import Contact, ContactIdentifier
from crm360.kernel.db import db


def holders(identifiers: Collection[tuple[str, str]], *, limit: int = 50) -> list[int]:
    """Ids of the profiles that hold any of these (kind, normal), oldest first."""
    if not identifiers:
        return []
    query = (
        select(Contact.profile_id)
        .join(ContactIdentifier, ContactIdentifier.contact_id == Contact.id)
        .where(tuple_(ContactIdentifier.kind, ContactIdentifier.normal).in_(list(identifiers)))
        .where(Contact.profile_id.is_not(None))
        .distinct()
        .order_by(Contact.profile_id)
        .limit(limit)
    )
    return list(db.session.scalars(query))
