"""Loyalty points as sources tell of them: whose they are and how many. Kept with the contact, where the source put them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.kernel.expressions import JsonWhole, listed

#: What sources call a balance of points, the first that a contact has: tills and lists, Odoo; Square.
NAMES = ("points", "loyalty_balance")
#: As `expressions.JsonWhole` reads it.
_WRITTEN = re.compile(r"(-?[0-9]{1,15})(\.[0-9]+)?")


def balance_of(contacts: Iterable[Contact]) -> int | None:
    """Points on all the cards of contacts at hand; None when no source told of any."""
    told = [each for contact in contacts if (each := _told(contact.attributes)) is not None]
    return sum(told) if told else None


def balance(contact: Any = Contact) -> ColumnElement[int]:
    """The same of one contact in SQL; `contact` may be an alias."""
    return func.coalesce(*(JsonWhole(contact.attributes, name, "value") for name in NAMES))


def holders(contact: Any, *, only: Collection[int] | None = None) -> Select[Any]:
    """SELECT of the profiles whose sources tell of points, grouped, to be asked for their sum."""
    told = select(contact.profile_id).where(contact.profile_id.is_not(None), balance(contact).is_not(None))
    scoped = told if only is None else told.where(listed(contact.profile_id, only))
    return scoped.group_by(contact.profile_id)


def balances() -> dict[int, int]:
    """Customer → points on all their cards; who has no card with points told of is left out."""
    summed = holders(Contact).add_columns(func.sum(balance()))
    return {profile_id: int(points) for profile_id, points in db.session.execute(summed)}


def _told(attributes: Mapping[str, Any]) -> int | None:
    found = (_number(attributes[name].get("value")) for name in NAMES if name in attributes)
    return next((each for each in found if each is not None), None)


def _number(said: Any) -> int | None:
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        return None
    found = _WRITTEN.fullmatch(str(said).replace("\u00a0", "").replace(" ", "").replace(",", "."))
    return int(found[1]) if found else None
