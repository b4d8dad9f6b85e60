"""Lists saved under a name, changed and given up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from crm360.kernel.db import db
from crm360.kernel.errors import Forbidden, Invalid
from crm360.lists import asking, queries
from crm360.lists.asking import Asked
from crm360.lists.models import Saved

LONGEST_NAME = 60


class BadList(Invalid):
    """The list cannot be kept like this."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, errors={"name": [reason]})


class NotTheirs(Forbidden):
    """A shared list is changed by whoever made it, and by administrators."""

    def __init__(self) -> None:
        super().__init__("Only who made this list, or an administrator, changes it.")


def save(*, name: str, asked: Asked, shared: bool, staff_id: int, now: datetime) -> Saved:
    """Keep a list under a name. Raises BadList."""
    saved = Saved(
        owner_id=staff_id, name=_name(name, staff_id), shared=shared, asked=asking.address(asked), made_at=now, changed_at=now
    )  # fmt: skip
    db.session.add(saved)
    db.session.flush()
    return saved


def change(
    *, list_id: int, name: str, shared: bool, asked: Asked | None, staff_id: int, any_owner: bool, now: datetime
) -> Saved:
    """Another name, others who see it, and what it shows unless `asked` is None. Raises NoSuchList, NotTheirs, BadList."""
    saved = _theirs(list_id, staff_id, any_owner)
    saved.name, saved.shared = _name(name, saved.owner_id, but=saved.id), shared
    saved.asked, saved.changed_at = saved.asked if asked is None else asking.address(asked), now
    db.session.flush()
    return saved


def remove(*, list_id: int, staff_id: int, any_owner: bool) -> None:
    """Give a list up; the customers stay as they are. Raises NoSuchList, NotTheirs."""
    db.session.delete(_theirs(list_id, staff_id, any_owner))
    db.session.flush()


def _theirs(list_id: int, staff_id: int, any_owner: bool) -> Saved:
    saved = queries.get(list_id, staff_id=staff_id)
    if saved.owner_id != staff_id and not any_owner:
        raise NotTheirs
    return saved


def _name(name: str, owner_id: int, but: int | None = None) -> str:
    cleaned = " ".join(name.split())
    if not cleaned:
        raise BadList("A list needs a name.")
    if len(cleaned) > LONGEST_NAME:
        raise BadList(f"A list's name has at most {LONGEST_NAME} characters.")
    same = select(Saved.id).where(Saved.owner_id == owner_id, Saved.name == cleaned)
    if db.session.scalar(same) not in (None, but):
        raise BadList("You have a list of this name.")
    return cleaned
