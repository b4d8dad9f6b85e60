"""Compared forms of contacts as the columns of a table: what the database holds, seen by the batch engine. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crm360.identity.engine.sharing import NAMES
from crm360.identity.engine.table import SET_MARK, Column, alphabetical, factorise, in_order

#: Parts of a form that are one text.
TEXTS = (
    "given", "family", "birth_date", "street", "house", "address_2", "city", "postcode", "state", "birth_place",
    "job_title", "company",
)  # fmt: skip
#: Parts of a form that are lists: all identifiers compared.
LISTS = ("email", "phone", "card", "customer_id", "chat_id", "national_id", "tax_id")

Form = Mapping[str, Any]


def columns(forms: Sequence[Form]) -> dict[str, Column]:
    """The columns of all parts any of the forms has, values in alphabetical order; of several values the cell is a set."""
    said = {part for form in forms for part in form}
    names = {"given", "family"} if said & {"given", "family"} else set()
    raw = {part: [form.get(part) for form in forms] for part in TEXTS if part in said | names}
    raw |= {part: [cell(form.get(part)) for form in forms] for part in LISTS if part in said}
    found = {part: in_order(cells) for part, cells in raw.items() if part not in names}
    found = {part: column for part, column in found.items() if column.values}
    if names:  # on one set of values, so that they can be compared with each other
        values = alphabetical({*raw["given"], *raw["family"]})
        found |= {part: in_order(raw[part], values) for part in sorted(names)}
    return found


def with_names(made: Mapping[str, Column], forms: Sequence[Form]) -> dict[str, Column]:
    """The columns with the names each contact was ever seen with, by which shared values are told."""
    return {**made, NAMES: factorise([cell(form.get("names")) for form in forms])}


def cell(values: Iterable[str] | None) -> str | None:
    """One cell for a list of values."""
    return SET_MARK.join(values) if values else None
