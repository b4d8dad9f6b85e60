"""Anonymous visitors handed to the customer their device names.

A device belongs to a customer when every named contact seen on it is one profile; a device that several customers share
names nobody. This too is a function of the base, not of the order of arrival.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import aliased

from crm360.identity.models import Contact, ContactIdentifier, Lineage
from crm360.kernel import asking
from crm360.kernel.db import db
from crm360.kernel.dialects import Among

_mine, _theirs, _named = aliased(ContactIdentifier), aliased(ContactIdentifier), aliased(Contact)
_DEVICES = select(ContactIdentifier.normal).where(
    Among(ContactIdentifier.contact_id), ContactIdentifier.kind == "device"
)
_SEEN_ON = (
    select(Contact.id)
    .join(ContactIdentifier, ContactIdentifier.contact_id == Contact.id)
    .where(ContactIdentifier.kind == "device", Among(ContactIdentifier.normal), Contact.anonymous)
)
_OWNERS = (
    select(Contact.id, Contact.profile_id, Contact.home_profile_id, _named.profile_id)
    .outerjoin(_mine, (_mine.contact_id == Contact.id) & (_mine.kind == "device"))
    .outerjoin(
        _theirs, (_theirs.kind == "device") & (_theirs.normal == _mine.normal) & (_theirs.contact_id != Contact.id)
    )
    .outerjoin(_named, (_named.id == _theirs.contact_id) & ~_named.anonymous)
    .where(Among(Contact.id))
    .distinct()
)


def attach(contact_ids: set[int], *, now: datetime) -> set[int]:
    """Settle every anonymous contact that shares a device with one of `contact_ids`; returns profile ids touched."""
    touched: set[int] = set()
    for contact_id, old, home, owners in _visitors(_near(contact_ids)):
        new = next(iter(owners)) if len(owners) == 1 else None
        if new != old:
            values = {"profile_id": new, "home_profile_id": home or new}
            db.session.execute(update(Contact).where(Contact.id == contact_id).values(values))
            move = {
                "contact_id": contact_id,
                "from_profile_id": old,
                "to_profile_id": new,
                "at": now,
                "cause": "device",
            }
            db.session.execute(insert(Lineage).values(**move))
            touched.update(profile for profile in (old, new) if profile is not None)
    return touched


def _near(contact_ids: set[int]) -> set[int]:
    """Anonymous contacts on any device of `contact_ids`, themselves included."""
    devices = set(asking.scalars(db.session, _DEVICES, values=contact_ids))
    return set(asking.scalars(db.session, _SEEN_ON, values=devices)) if devices else set()


def _visitors(visitor_ids: set[int]) -> list[tuple[int, int | None, int | None, set[int]]]:
    """(anonymous contact, its profile, its first profile, profiles of the named contacts on any of its devices)."""
    found: dict[int, tuple[int, int | None, int | None, set[int]]] = {}
    if visitor_ids:
        for contact_id, profile, home, owner in asking.rows(db.session, _OWNERS, values=visitor_ids):
            entry = found.setdefault(contact_id, (contact_id, profile, home, set()))
            if owner is not None:
                entry[3].add(owner)
    return [found[contact] for contact in sorted(found)]
