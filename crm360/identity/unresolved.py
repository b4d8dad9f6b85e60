"""Contacts that wait to be resolved: written in bulk, compared with nobody yet."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, func, select

from crm360.identity.models import Unresolved
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of

_SETTLED = delete(table_of(Unresolved)).where(dialects.Among(Unresolved.contact_id))
_AMONG = select(Unresolved.contact_id).where(dialects.Among(Unresolved.contact_id))


def oldest(limit: int | None) -> list[int]:
    """Ids of the contacts whose turn it is; with None of all that wait."""
    return list(db.session.scalars(select(Unresolved.contact_id).order_by(Unresolved.contact_id).limit(limit)))


def among(contact_ids: Collection[int]) -> set[int]:
    """Those of the contacts that wait."""
    return set(db.session.scalars(_AMONG, {"values": list(contact_ids)})) if contact_ids else set()


def count() -> int:
    """How many wait."""
    return int(db.session.scalar(select(func.count()).select_from(Unresolved)) or 0)


def settle(contact_ids: Collection[int]) -> None:
    """These have been resolved, or are gone."""
    if contact_ids:
        db.session.execute(_SETTLED, {"values": list(contact_ids)})
