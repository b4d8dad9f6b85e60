"""New contacts of a list whose rows are finished already, inserted as they stand and left to be resolved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select

from crm360.identity.models import Contact, ContactIdentifier, Profile, Unresolved
from crm360.kernel import bulk, dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of

_LOOKED_UP = 5_000
_THERE = select(Contact.external_id).where(Contact.source == bindparam("source"), dialects.Among(Contact.external_id))


class Finished(NamedTuple):
    """`fields`, `attributes`, `compared` as JSON texts (see Contact); identifiers as (kind, normal, value)."""

    external_id: str
    fields: str
    attributes: str
    compared: str
    identifiers: Sequence[tuple[str, str, str]]


def known(source: str, external_ids: Collection[str]) -> set[str]:
    """Which of the names a source has given to contacts already."""
    return {
        found
        for chunk in chunked(external_ids, _LOOKED_UP)
        for found in db.session.scalars(_THERE, {"source": source, "values": chunk})
    }


def add(*, source: str, new: Sequence[Finished], at: datetime, now: datetime) -> Sequence[int]:
    """Insert contacts, each a customer of its own, unresolved; returns their ids in their order. None may be there yet.

    `at`: when they were heard of.
    """
    dialects.lock_partition(db.session)
    contacts = dialects.new_ids(db.session, table_of(Contact), len(new))
    profiles = dialects.new_ids(db.session, table_of(Profile), len(new))
    bulk.insert_tuples(db.session, table_of(Profile), ("id",), [(each,) for each in profiles], {"created_at": now})
    bulk.insert_tuples(
        db.session, table_of(Contact),
        ("id", "external_id", "profile_id", "home_profile_id", "fields", "attributes", "compared"),
        [
            (contact, each[0], profile, profile, each[1], each[2], each[3])
            for contact, profile, each in zip(contacts, profiles, new, strict=True)
        ],
        {"source": source, "anonymous": False, "source_tags": [], "source_tags_at": None, "first_seen_at": at,
         "last_seen_at": at, "created_at": now},
    )  # fmt: skip
    # in the order of the one index that is not filled in order
    held = sorted([
        (*found, contact) for contact, each in zip(contacts, new, strict=True) for found in each.identifiers
    ])  # fmt: skip
    bulk.insert_tuples(
        db.session, table_of(ContactIdentifier), ("kind", "normal", "value", "contact_id"), held,
        {"verified": False, "first_seen_at": at, "last_seen_at": at},
    )  # fmt: skip
    bulk.insert_tuples(db.session, table_of(Unresolved), ("contact_id",), list(zip(contacts, strict=True)))
    return contacts
