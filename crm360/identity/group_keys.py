"""Keeps the keys by which customers of one company or household find each other true to the contacts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select, tuple_

from crm360.identity import grouping, ruling
from crm360.identity.models import Contact, ContactIdentifier, GroupKey
from crm360.kernel import bulk
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of

Pairs = set[tuple[str, int]]


def follow(*, contact_ids: Iterable[int]) -> None:
    """Write the keys of contacts that are new, or whose compared form or tax ids changed; only what differs."""
    for chunk in chunked(sorted(set(contact_ids))):
        wanted, present = _wanted(chunk), _present(chunk)
        gained = [{"key": key, "contact_id": contact} for key, contact in sorted(wanted - present)]
        bulk.insert_rows(db.session, table_of(GroupKey), gained)
        for lost in chunked(sorted(present - wanted)):
            db.session.execute(delete(GroupKey).where(tuple_(GroupKey.key, GroupKey.contact_id).in_(lost)))


def _wanted(contact_ids: Sequence[int]) -> Pairs:
    identifiers = select(ContactIdentifier.contact_id, ContactIdentifier.normal)
    theirs = identifiers.where(ContactIdentifier.contact_id.in_(contact_ids), ContactIdentifier.kind == "tax_id")
    tax_ids: defaultdict[int, list[str]] = defaultdict(list)
    for contact, normal in db.session.execute(theirs):
        tax_ids[contact].append(normal)
    for blocked in ruling.blocked(f"tax_id:{each}" for held in tax_ids.values() for each in held):
        for held in tax_ids.values():
            held[:] = [each for each in held if f"tax_id:{each}" != blocked]
    forms = db.session.execute(select(Contact.id, Contact.compared).where(Contact.id.in_(contact_ids)))
    return {(key, contact) for contact, form in forms for key in grouping.keys(form, tax_ids[contact])}


def _present(contact_ids: Sequence[int]) -> Pairs:
    rows = db.session.execute(select(GroupKey.key, GroupKey.contact_id).where(GroupKey.contact_id.in_(contact_ids)))
    return {(key, contact) for key, contact in rows}
