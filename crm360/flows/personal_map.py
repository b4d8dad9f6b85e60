"""The personal-data map of the whole house: what every column holds, and which rows of every table are a person's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Table, func, select

from crm360.accounts import personal_data as accounts
from crm360.flows import forgetting
from crm360.kernel.db import Base, db
from crm360.kernel.personal_data import CATEGORIES, Whom, by_column
from crm360.privacy import personal_data as privacy
from crm360.webhooks import personal_data as webhooks

#: Every room that has tables; those of `forgetting` in the order in which an erasure visits them.
ROOMS: tuple[Any, ...] = (privacy, *forgetting.ROOMS, accounts, webhooks)


class Stays(NamedTuple):
    """A table whose rows outlive a person, and why."""

    table: str
    why: str


def columns() -> dict[str, dict[str, str]]:
    """Table → column → code of its category (see `kernel.personal_data.CATEGORIES`)."""
    return {table: named for room in ROOMS for table, named in by_column(room.COLUMNS).items()}


def told(table: str) -> list[str]:
    """The columns of a table that a copy for the person holds, in the table's order."""
    categories = columns()[table]
    return [column.name for column in table_of(table).columns if CATEGORIES[categories[column.name]].told]


def is_told(table: str) -> bool:
    """Whether a copy for the person holds rows of this table: one that holds more than times and kinds."""
    return any(CATEGORIES[code].told and code not in ("time", "kind") for code in columns()[table].values())


def rows() -> dict[str, Any]:
    """Table → which rows are about somebody."""
    return {table: where for room in ROOMS for table, where in room.ROWS.items()}


def stays() -> list[Stays]:
    """Tables whose rows stay when somebody is erased."""
    return [Stays(table, why) for room in ROOMS for table, why in room.KEEPS.items()]


def counts(whom: Whom) -> Mapping[str, int]:
    """Table → how many rows are about the person; tables without any are left out."""
    parts = list(whom.parts())
    found = {name: sum(count(name, where(part)) for part in parts) for name, where in rows().items()}
    return {name: rows for name, rows in found.items() if rows}


def table_of(name: str) -> Table:
    """The table of that name."""
    return Base.metadata.tables[name]


def count(name: str, where: Any) -> int:
    """How many rows of a table meet a condition."""
    return int(db.session.scalar(select(func.count()).select_from(table_of(name)).where(where)) or 0)
