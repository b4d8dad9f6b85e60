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


class Columns(NamedTuple):
    """Finished contacts column by column, in the order of their external ids."""

    external_id: Sequence[str]
    fields: Sequence[str]
    attributes: Sequence[str]
    compared: Sequence[str]


class Held(NamedTuple):
    """Their identifiers the same way, `owner` a contact's place among them; best in the order of kind and normal form."""

    kind: Sequence[str]
    normal: Sequence[str]
    value: Sequence[str]
    owner: Sequence[int]


def known(source: str, external_ids: Collection[str]) -> set[str]:
    """Which of the names a source has given to contacts already."""
    return {
        found
        for chunk in chunked(external_ids, _LOOKED_UP)
        for found in db.session.scalars(_THERE, {"source": source, "values": chunk})
    }


def add(*, source: str, contacts: Columns, held: Held, at: datetime, now: datetime) -> Sequence[int]:
    """Insert contacts, each a customer of its own, unresolved; returns their ids in their order. None may be there yet.

    `at`: when they were heard of.
    """
    dialects.lock_partition(db.session)
    count = len(contacts.external_id)
    ids = dialects.new_ids(db.session, table_of(Contact), count)
    profiles = dialects.new_ids(db.session, table_of(Profile), count)
    bulk.insert_columns(db.session, table_of(Profile), {"id": profiles}, {"created_at": now})
    bulk.insert_columns(
        db.session, table_of(Contact),
        {"id": ids, "profile_id": profiles, "home_profile_id": profiles} | contacts._asdict(),
        {"source": source, "anonymous": False, "source_tags": [], "source_tags_at": None, "first_seen_at": at,
         "last_seen_at": at, "created_at": now},
    )  # fmt: skip
    owners = list(map(ids.__getitem__, held.owner))
    bulk.insert_columns(
        db.session, table_of(ContactIdentifier),
        {"kind": held.kind, "normal": held.normal, "value": held.value, "contact_id": owners},
        {"verified": False, "first_seen_at": at, "last_seen_at": at},
    )  # fmt: skip
    bulk.insert_columns(db.session, table_of(Unresolved), {"contact_id": ids})
    return ids
