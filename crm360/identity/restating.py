"""Compared forms and blocking keys written anew from what contacts hold: after an upgrade changed how values are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from crm360.identity import blocking, ruling
from crm360.identity.compared import Compared, compared_form
from crm360.identity.folding import names_of
from crm360.identity.models import BlockingKey, Contact, ContactIdentifier
from crm360.kernel import bulk
from crm360.kernel.db import db, table_of


def restate(contact_ids: Sequence[int]) -> frozenset[str]:
    """Bring a few hundred contacts' compared forms and keys up to date; returns the keys some of them lost."""
    forms = _forms(contact_ids)
    _write_forms(forms)
    return _write_keys({contact: blocking.keys(form) for contact, (form, _) in forms.items()})


def _forms(contact_ids: Sequence[int]) -> dict[int, tuple[Compared, Compared]]:
    """contact → (the form its values give, the form stored)."""
    held: dict[int, list[tuple[str, str]]] = {}
    query = select(ContactIdentifier.contact_id, ContactIdentifier.kind, ContactIdentifier.normal)
    for contact, kind, normal in db.session.execute(query.where(ContactIdentifier.contact_id.in_(contact_ids))):
        held.setdefault(contact, []).append((kind, normal))
    blocked = ruling.blocked(f"{kind}:{normal}" for found in held.values() for kind, normal in found)
    columns = (Contact.id, Contact.fields, Contact.compared, Contact.anonymous)
    return {
        row.id: (
            compared_form(
                row.fields, held.get(row.id, []), names=names_of(row.compared), anonymous=row.anonymous, blocked=blocked
            ),
            row.compared,
        )
        for row in db.session.execute(select(*columns).where(Contact.id.in_(contact_ids)))
    }


def _write_forms(forms: Mapping[int, tuple[Compared, Compared]]) -> None:
    table = table_of(Contact)
    stale = [{"b_id": contact, "compared": form} for contact, (form, stored) in forms.items() if form != stored]
    if stale:
        values: dict[str, Any] = {"compared": bindparam("compared")}
        db.session.connection().execute(update(table).where(table.c.id == bindparam("b_id")).values(values), stale)


def _write_keys(wanted: Mapping[int, frozenset[str]]) -> frozenset[str]:
    stored: dict[int, set[str]] = {contact: set() for contact in wanted}
    query = select(BlockingKey.contact_id, BlockingKey.key).where(BlockingKey.contact_id.in_(wanted))
    for contact, key in db.session.execute(query):
        stored[contact].add(key)
    gained = [{"key": key, "contact_id": c} for c, keys in wanted.items() for key in keys - stored[c]]
    bulk.insert_rows(db.session, table_of(BlockingKey), sorted(gained, key=itemgetter("key")))
    lost = [(contact, key) for contact, keys in stored.items() for key in keys - wanted[contact]]
    for contact, key in lost:
        db.session.execute(delete(BlockingKey).where(BlockingKey.key == key, BlockingKey.contact_id == contact))
    return frozenset(key for _, key in lost)
