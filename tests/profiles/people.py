"""Customers as the identity room would have left them, for the tests of this room."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from crm360.identity.models import Contact, ContactIdentifier, Profile
from crm360.kernel.db import db
from crm360.normalise import identifiers
from crm360.profiles import operations

_numbers = count(1)


def profile(now: datetime) -> int:
    """A profile without contacts; its id."""
    row = Profile(created_at=now)
    db.session.add(row)
    db.session.flush()
    return row.id


def contact(
    profile_id: int | None,
    now: datetime,
    *,
    source: str = "shop",
    known: tuple[tuple[identifiers.IdentifierKind, str], ...] = (),
    **fields: str,
) -> int:
    """A contact with fields and identifiers as written, seen `now`; its id."""
    told = {name: {"value": value, "at": now.isoformat()} for name, value in fields.items()}
    row = Contact(
        source=source,
        external_id=f"c{next(_numbers)}",
        profile_id=profile_id,
        home_profile_id=profile_id,
        fields=told,
        first_seen_at=now,
        last_seen_at=now,
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    for kind, value in known:
        normal = identifiers.normal(kind, value)
        assert normal, f"{value} is no {kind}"
        seen = {"first_seen_at": now, "last_seen_at": now}
        db.session.add(ContactIdentifier(contact_id=row.id, kind=kind, value=value, normal=normal, **seen))
    db.session.flush()
    return row.id


def customer(now: datetime, *, known: tuple[tuple[identifiers.IdentifierKind, str], ...] = (), **fields: str) -> int:
    """A profile of one contact, with its golden record and search terms; its id."""
    profile_id = profile(now)
    contact(profile_id, now, known=known, **fields)
    operations.refresh(profile_ids=[profile_id], now=now)
    return profile_id
