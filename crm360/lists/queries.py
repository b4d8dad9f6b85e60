"""Saved lists as pages ask for them. Nothing here writes."""

from __future__ import annotations

from sqlalchemy import or_, select

from crm360.kernel.db import db
from crm360.kernel.errors import NotFound
from crm360.lists.models import Saved
from crm360.normalise import text


class NoSuchList(NotFound):
    """The list is gone, was never there, or is another colleague's own."""

    def __init__(self, list_id: int) -> None:
        super().__init__(f"There is no list {list_id}.")


def offered(staff_id: int) -> list[Saved]:
    """A colleague's own lists and those shared by others, by name."""
    theirs = select(Saved).where(or_(Saved.owner_id == staff_id, Saved.shared))
    return sorted(db.session.scalars(theirs), key=lambda each: (text.fold(each.name), each.id))


def get(list_id: int, *, staff_id: int) -> Saved:
    """A list a colleague may use. Raises NoSuchList."""
    found = db.session.get(Saved, list_id)
    if found is None or not (found.shared or found.owner_id == staff_id):
        raise NoSuchList(list_id)
    return found
