"""Anonymous visitors handed to the customer their device names.

A device belongs to a customer when every named contact seen on it is one profile; a device that several customers share
names nobody. This too is a function of the base, not of the order of arrival.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import aliased

from crm360.identity.models import Contact, ContactIdentifier, Lineage
from crm360.kernel.batches import chunked
from crm360.kernel.db import db


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
    found: set[int] = set()
    near, theirs = aliased(ContactIdentifier), aliased(ContactIdentifier)
    for chunk in chunked(sorted(contact_ids)):
        query = (
            select(Contact.id)
            .join(theirs, (theirs.contact_id == Contact.id) & (theirs.kind == "device"))
            .join(near, (near.kind == "device") & (near.normal == theirs.normal))
            .where(Contact.anonymous, near.contact_id.in_(chunk))
            .distinct()
        )
        found.update(db.session.scalars(query))
    return found


def _visitors(visitor_ids: set[int]) -> list[tuple[int, int | None, int | None, set[int]]]:
    """(anonymous contact, its profile, its first profile, profiles of the named contacts on any of its devices)."""
    found: dict[int, tuple[int, int | None, int | None, set[int]]] = {}
    mine, theirs, named = aliased(ContactIdentifier), aliased(ContactIdentifier), aliased(Contact)
    for chunk in chunked(sorted(visitor_ids)):
        query = (
            select(Contact.id, Contact.profile_id, Contact.home_profile_id, named.profile_id)
            .outerjoin(mine, (mine.contact_id == Contact.id) & (mine.kind == "device"))
            .outerjoin(
                theirs, (theirs.kind == "device") & (theirs.normal == mine.normal) & (theirs.contact_id != Contact.id)
            )
            .outerjoin(named, (named.id == theirs.contact_id) & ~named.anonymous)
            .where(Contact.id.in_(chunk))
            .distinct()
        )
        for contact_id, profile, home, owner in db.session.execute(query):
            entry = found.setdefault(contact_id, (contact_id, profile, home, set()))
            if owner is not None:
                entry[3].add(owner)
    return [found[contact] for contact in sorted(found)]
