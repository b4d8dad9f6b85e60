"""What a list of customers asks for: conditions, order, columns; read from an address and written into one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

#: By what a list is ordered; with "-" in front the other way round.
ORDERS = ("name", "last", "spend", "new")
#: What may stand beside the name, in the order of the table.
COLUMNS = ("email", "phone", "city", "owner", "tags", "sources", "last", "orders", "spend", "reach")
USUAL_COLUMNS = ("city", "owner", "last", "orders", "reach")
#: Owners that are no colleague's number: whoever reads the list, and nobody.
ME, NOBODY = "me", "none"
NEVER = "never"
LONGEST = 200
_BOUGHT = re.compile(r"(within|before)-([1-9]\d{0,3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A list. Empty and None leave a condition out."""

    segment: int | None = None
    tag: str = ""
    #: A colleague's number, ME or NOBODY.
    owner: str = ""
    source: str = ""
    city: str = ""
    #: As somebody writes it: "Polska", "de".
    country: str = ""
    #: "within-30", "before-90" (days since the last purchase), NEVER.
    bought: str = ""
    #: One of ORDERS, or with "-" in front.
    sort: str = "name"
    columns: tuple[str, ...] = USUAL_COLUMNS

    @property
    def is_narrowed(self) -> bool:
        """Whether it leaves anybody out."""
        return any((self.segment, self.tag, self.owner, self.source, self.city, self.country, self.bought))

    @property
    def days(self) -> tuple[str, int]:
        """("within" or "before", days) of the condition on the last purchase; ("", 0) of another one."""
        found = _BOUGHT.fullmatch(self.bought)
        return (found[1], int(found[2])) if found else ("", 0)


def read(said: Iterable[tuple[str, str]]) -> Asked:
    """The list an address asks for, of its names and values; what means nothing is left out, of repeated names the first."""
    pairs = [(name, " ".join(value.split())[:LONGEST]) for name, value in said]
    first = dict(reversed(pairs))
    segment, owner, sort, bought = (first.get(name, "") for name in ("segment", "owner", "sort", "bought"))
    return Asked(
        segment=int(segment) if _is_number(segment) else None,
        tag=first.get("tag", ""),
        owner=owner if owner in (ME, NOBODY) or _is_number(owner) else "",
        source=first.get("source", ""),
        city=first.get("city", ""),
        country=first.get("country", ""),
        bought=bought if bought == NEVER or _BOUGHT.fullmatch(bought) else "",
        sort=sort if sort.removeprefix("-") in ORDERS else "name",
        columns=_columns(value for name, value in pairs if name == "columns"),
    )


def address(asked: Asked) -> dict[str, str]:
    """The same as few texts as there can be: what is usual is not said."""
    usual = Asked()
    told = {each.name: getattr(asked, each.name) for each in fields(asked)}
    said = {name: value for name, value in told.items() if value != getattr(usual, name)}
    return {name: ",".join(value) if name == "columns" else str(value) for name, value in said.items()}


def kept(document: Mapping[str, str]) -> Asked:
    """A list from what `address` made of it."""
    return read(document.items())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _columns(said: Iterable[str]) -> tuple[str, ...]:
    named = {name for each in said for name in each.split(",")}
    return tuple(name for name in COLUMNS if name in named) or USUAL_COLUMNS
