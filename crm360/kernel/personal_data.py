"""What every room says of its tables: what each column holds, which rows are a person's, how they go or why they stay.

Each room has a module `personal_data` with tables by table name: `COLUMNS`, the category of every column; `ROWS`, which
rows are about somebody; `ERASERS`, functions run in the order written; and `KEEPS`, the reason why a table's rows stay.
A house rule fails when a column has no category or a table is neither erased nor kept, and runs every eraser. Access
packages, plans of erasures and the record of processing activities are made from this map.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple


class Whom(NamedTuple):
    """A person: their contacts, the raw payloads these came from, and what they are called and reached by.

    `values`: addresses, numbers and names long enough to point at nobody else, as they were written; by these are found
    rows that hang on no contact (a refused line of an import).
    """

    contact_ids: tuple[int, ...]
    payload_ids: tuple[int, ...] = ()
    values: tuple[str, ...] = ()

    def parts(self, size: int = 500) -> Iterator[Whom]:
        """The same in pieces a database takes at once; one when nobody is meant. Every row about them is about a piece."""
        few = size // 5  # each value is a condition or two of its own
        pieces = max(1, *(-(-len(each) // at_once) for each, at_once in zip(self, (size, size, few), strict=True)))
        for place in range(pieces):
            piece, words = slice(place * size, (place + 1) * size), slice(place * few, (place + 1) * few)
            yield Whom(self.contact_ids[piece], self.payload_ids[piece], self.values[words])


class Category(NamedTuple):
    """A kind of data. `told`: a copy for the person holds it. `personal`: it goes, or loses its person, in an erasure."""

    title: str
    told: bool
    personal: bool


#: Code → category; titles are keys of the translations.
CATEGORIES: Mapping[str, Category] = {
    "identity": Category("Names and other marks of identity", True, True),
    "contact": Category("Addresses, e-mail addresses, phone numbers", True, True),
    "online": Category("Devices, browsers and network addresses", True, True),
    "purchases": Category("Purchases and carts", True, True),
    "behaviour": Category("Visits and what was done", True, True),
    "messages": Category("Messages and letters", True, True),
    "consents": Category("Consents, objections and their evidence", True, True),
    "conclusions": Category("What was concluded from other data", True, True),
    "remarks": Category("Remarks of staff", True, True),
    "raw": Category("Data as it was received", True, True),
    "books": Category("Amounts and goods in the books", True, False),
    "mixed": Category("Data in which several people stand side by side", False, True),
    "pseudonym": Category("Pseudonyms, digests and commitments", False, True),
    "link": Category("Numbers that lead to a person's rows", False, True),
    "time": Category("When something happened", True, False),
    "kind": Category("What kind of thing a row is", True, False),
    "staff": Category("Which colleague did it", False, False),
    "secret": Category("Secrets of the installation", False, False),
    "settings": Category("Settings and workings of the installation", False, False),
}

Erasers = Mapping[str, Callable[[Whom], None]]
Keeps = Mapping[str, str]
#: Table → category → its columns, between blanks.
Columns = Mapping[str, Mapping[str, str]]
#: Table → which rows are about a person: a condition on that table.
Rows = Mapping[str, Callable[[Whom], Any]]


def by_column(columns: Columns) -> dict[str, dict[str, str]]:
    """Table → column → category. Raises ValueError for a column named twice or a category nobody knows."""
    found: dict[str, dict[str, str]] = {}
    for table, categories in columns.items():
        found[table] = {}
        for category, names in categories.items():
            for name in names.split():
                if category not in CATEGORIES or name in found[table]:
                    raise ValueError(f"{table}.{name}: category {category!r}")
                found[table][name] = category
    return found
