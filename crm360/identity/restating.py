"""Compared forms written anew from what contacts hold: after an upgrade or a ruling changed what is compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from crm360.identity import ruling
from crm360.identity.compared import Compared, compared_form
from crm360.identity.folding import names_of
from crm360.identity.models import Contact, ContactIdentifier
from crm360.kernel import bulk
from crm360.kernel.db import db, table_of


def restate(contact_ids: Sequence[int]) -> dict[int, Compared]:
    """Bring a few hundred contacts' compared forms up to date; returns the forms they had, for `resolve`."""
    forms = _forms(contact_ids)
    _write_forms(forms)
    return {contact: stored for contact, (_, stored) in forms.items()}


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
    stale = [{"b_id": contact, "compared": form} for contact, (form, stored) in forms.items() if form != stored]
    bulk.update_rows(db.session, table_of(Contact), stale)
