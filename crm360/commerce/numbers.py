"""Order and receipt numbers as people write them, found again by the folded piece a search matched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from crm360.commerce.models import Order
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.profiles.search_terms import compact

_BETWEEN = ("/", "-", " ", ".", "#", "_", ":")


def as_written(asked: Mapping[int, str]) -> dict[int, str]:
    """profile id → its newest number that holds the piece asked for (in any notation); one statement for all."""
    pieces = {profile_id: compact(piece) for profile_id, piece in asked.items()}
    if not pieces:
        return {}
    wanted = or_(
        *(
            and_(Contact.profile_id == each, _folded().contains(piece, autoescape=True))
            for each, piece in pieces.items()
        )
    )
    query = (
        select(Contact.profile_id, Order.number)
        .join(Contact, Contact.id == Order.contact_id)
        .where(Contact.profile_id.in_(list(pieces)), wanted)
        .order_by(Order.placed_at, Order.id)
    )
    return {row.profile_id: row.number for row in db.session.execute(query)}


def _folded() -> ColumnElement[Any]:
    column: ColumnElement[Any] = func.lower(Order.number)
    for sign in _BETWEEN:
        column = func.replace(column, sign, "")
    return column
