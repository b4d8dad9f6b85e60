"""Which column holds what: headers of known exports and of everyday spreadsheets, English and Polish → our fields."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Literal

from crm360.sources import column_names

Kind = Literal["contacts", "receipts"]

RECEIPT_FIELDS = tuple(column_names.RECEIPTS)
CONTACT_FIELDS = tuple(column_names.CONTACTS)
#: Fields that several columns may fill together; of the others the best-named column alone counts.
_SEVERAL = frozenset({"email", "phone", "tags"})
_NUMBERED = re.compile(r" \d+(?= |$)")
#: Where one word ends and the next begins in `FirstName`.
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")


def folded(header: str) -> str:
    """A header as it is compared: "E-mail 1 - Value" → "e mail 1 value", "Data urodzenia" → "data urodzenia"."""
    plain = unicodedata.normalize("NFKD", header.casefold().replace("ł", "l"))
    letters = "".join(letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter))
    return " ".join(letters.split())


@cache
def _ranks(kind: Kind) -> Mapping[str, tuple[str, int]]:
    """Folded header → its field and how good a name for it this is (0 is best)."""
    known = column_names.RECEIPTS if kind == "receipts" else column_names.CONTACTS
    ranks: dict[str, tuple[str, int]] = {}
    for field, names in known.items():
        for rank, name in enumerate((field, *names)):
            ranks.setdefault(folded(name), (field, rank))
    return ranks


def guess(headers: Sequence[str], kind: Kind) -> dict[str, str]:
    """Header → field, for the headers that are known; unknown ones are left out (an importer keeps them as they are).

    Where two columns name one field, the better name wins; e-mails, phones and tags are taken from all their columns.
    """
    best: dict[str, tuple[int, str]] = {}
    mapping: dict[str, str] = {}
    of_shopify = kind == "receipts" and "lineitem name" in map(folded, headers)
    for header in headers:
        field, rank = _field(header, kind)
        if of_shopify and (named := column_names.SHOPIFY_ORDERS.get(folded(header))):
            field, rank = named, 0
        if not field:
            continue
        if field in _SEVERAL:
            mapping[header] = field
        elif field not in best or rank < best[field][0]:
            best[field] = (rank, header)
    return mapping | {header: field for field, (_, header) in best.items()}


def is_of_purchases(headers: Sequence[str]) -> bool:
    """Whether a table is of purchases, or of products: a customer list names neither a receipt with its date and amount,
    nor goods with a price or a quantity and nobody to reach."""
    bought = set(guess(headers, "receipts").values())
    reached = {"email", "phone", "given_name", "family_name"} & set(guess(headers, "contacts").values())
    goods = "sku" in bought and bool(bought & {"unit_price", "line_total", "quantity"})
    receipts = {"receipt_no", "date"} <= bought and bool(bought & {"unit_price", "line_total", "total"})
    return receipts or (goods and not reached)


def _field(header: str, kind: Kind) -> tuple[str, int]:
    ranks, name = _ranks(kind), folded(header)
    if found := ranks.get(name) or ranks.get(folded(_HUMP.sub(" ", header))):
        return found
    # "E-mail 2 - Value" and "Phone 3" are further values of the first; "Address 2" is a field of its own, found above.
    field, rank = ranks.get(_NUMBERED.sub("", name), ("", 0))
    return (field, rank) if field in _SEVERAL else ("", 0)


def apply_overrides(
    mapping: Mapping[str, str], overrides: Iterable[str], *, headers: Sequence[str], kind: Kind
) -> dict[str, str]:
    """`mapping` changed by an operator's `COLUMN=FIELD` words; `COLUMN=` leaves a column out.

    Raises ValueError naming the nearest column or field when one is unknown.
    """
    known = RECEIPT_FIELDS if kind == "receipts" else CONTACT_FIELDS
    changed = dict(mapping)
    by_folded = {folded(header): header for header in reversed(headers)}
    for override in overrides:
        column, equals, field = (part.strip() for part in override.rpartition("="))
        if not equals or not column:
            raise ValueError(f"{override!r} is not of the form COLUMN=FIELD.")
        header = column if column in headers else by_folded.get(folded(column), "")
        if not header:
            raise ValueError(f"No column {column!r} in the file.{_hint(column, headers)}")
        if field and field not in known:
            raise ValueError(f"No field {field!r}.{_hint(field, known)}")
        if field and field not in _SEVERAL:
            changed = {other: named for other, named in changed.items() if named != field}
        changed.pop(header, None)
        if field:
            changed[header] = field
    return changed


def _hint(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(folded(word), [folded(name) for name in known], n=1, cutoff=0.6)
    meant = next((name for name in known if near and folded(name) == near[0]), "")
    there = ", ".join(known[:40])
    return f" Did you mean {meant!r}?" if meant else f" There are: {there}."


def mapped(row: Mapping[str, str], mapping: Mapping[str, str]) -> dict[str, str]:
    """One row by field instead of column; several columns of one field are joined by " ::: ", empty cells left out."""
    found: dict[str, str] = {}
    for header, field in mapping.items():
        value = row.get(header)
        if value and (value := value.strip()):
            found[field] = f"{found[field]} ::: {value}" if field in found else value
    return found


def missing(mapping: Mapping[str, str], kind: Kind) -> tuple[str, ...]:
    """Fields without which a file of this kind cannot be read; for contacts any one field is enough to begin with."""
    fields = set(mapping.values())
    if kind == "contacts":
        return () if fields else ("email",)
    needed = tuple(field for field in ("receipt_no", "date") if field not in fields)
    return needed if fields & {"unit_price", "line_total", "total"} else (*needed, "unit_price")
