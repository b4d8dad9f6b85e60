"""From the columns of a file to the fields people are compared by: recognised by name, normalised once per value. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from crm360.identity import compared
from crm360.identity.engine.table import Column, chosen, factorise, mapped, together
from crm360.normalise import address, dates, email, identifiers, name, phone
from crm360.normalise.country import country as country_code
from crm360.normalise.text import fold
from crm360.sources import columns

#: Fields of a contact the comparison has a use for.
_TAKEN = (
    "given_name", "middle_name", "family_name", "full_name", "email", "phone", "birth_date", "street", "house_number",
    "address_2", "city", "postcode", "state", "country", "national_id", "customer_id", "card_no", "tax_id", "company",
    "job_title", "birth_place",
)  # fmt: skip
MAPPABLE = (*_TAKEN, "record_id", "source")
#: Quick looks at values in ordinary forms: distinct values come once, so nothing remembers them.
_SIMPLE: dict[str, Callable[[str, str], str | None]] = {
    "email": lambda text, region: email.simple(text),
    "phone": phone.simple,
}
_RUNS = frozenset(run[at : at + 6] for run in ("0123456789" * 2, "9876543210" * 2) for at in range(10))


def recognise(headers: Sequence[str], overrides: Sequence[str] = ()) -> dict[str, str]:
    """Column → field for the columns that tell people apart. `overrides` are `COLUMN=FIELD`, `COLUMN=` leaves one out.

    Raises ValueError on an override that names no column or no field.
    """
    found = dict(columns.guess(headers, "contacts"))
    for override in overrides:
        column, equals, field = (part.strip() for part in override.rpartition("="))
        if not equals or column not in headers:
            raise ValueError(f"{override!r} names no column of the file; there are: {', '.join(headers)}.")
        if field and field not in MAPPABLE:
            raise ValueError(f"{override!r} names no field; there are: {', '.join(MAPPABLE)}.")
        found.pop(column, None)
        if field:
            found = {header: named for header, named in found.items() if named != field} | {column: field}
    return found


def prepare(raw: Mapping[str, Sequence[str | None]], *, region: str = "PL") -> dict[str, Column]:
    """Compared columns from raw ones (field → cell per row), each distinct cell normalised once."""
    cells = {field: factorise(values) for field, values in raw.items()}
    prepared = _names(cells, raw)
    for field, normal in _normalisers(region).items():
        if field in cells:
            prepared["card" if field == "card_no" else field] = mapped(cells[field], normal)
    if "birth_date" in cells:
        born = partial(compared.born, month_first=dates.writes_month_first(cells["birth_date"].values))
        prepared["birth_date"] = mapped(cells["birth_date"], born)
    prepared |= _place(cells, region)
    return {field: column for field, column in prepared.items() if column.values}


def _normalisers(region: str) -> dict[str, Callable[[str], str | None]]:
    return {
        "email": lambda text: identifier("email", text, region),
        "phone": lambda text: identifier("phone", text, region),
        "national_id": lambda text: identifier("national_id", text, region),
        "card_no": lambda text: identifier("card", text, region),
        "customer_id": lambda text: identifier("customer_id", text, region),
        "tax_id": lambda text: identifier("tax_id", text, region),
        "city": address.city,
        "state": fold,
        "birth_place": fold,
        "job_title": fold,
        "company": fold,
        "address_2": fold,
    }


def identifier(kind: identifiers.IdentifierKind, text: str, region: str) -> str | None:
    """An identifier in its compared form; None for none and for placeholders."""
    normal = _SIMPLE[kind](text, region) if kind in _SIMPLE else None
    normal = normal or identifiers.normal(kind, text, region=region)
    if normal is None or (kind == "phone" and not _may_be_invented(normal)):
        return normal
    return None if identifiers.is_placeholder(kind, normal) else normal


def _may_be_invented(phone: str) -> bool:
    """Whether the careful look for placeholders is worth its time: all of them have few digits or run on."""
    return len(set(phone[-7:])) <= 3 or phone[-6:] in _RUNS or phone.endswith(("456123", "512345"))


def _names(cells: Mapping[str, Column], raw: Mapping[str, Sequence[str | None]]) -> dict[str, Column]:
    """Given and family name on one set of values; taken from the full name where a row has no other."""
    rows = len(next(iter(raw.values()))) if raw else 0
    empty = factorise([None] * rows)
    given, family = cells.get("given_name", empty), cells.get("family_name", empty)
    if "full_name" in cells:
        full = cells["full_name"]
        parts = {text: name.split_full_name(text) for text in full.values}
        nameless = ~given.present & ~family.present
        given = chosen(nameless, mapped(full, lambda text: parts[text][0]), given)
        family = chosen(nameless, mapped(full, lambda text: parts[text][1]), family)
    one = mapped(given, lambda text: "" if name.is_placeholder(text) else name.given(text))
    other = mapped(family, lambda text: "" if name.is_placeholder(text) else name.family(text))
    one, other = together(one, other)
    return {"given": one, "family": other}


def _place(cells: Mapping[str, Column], region: str) -> dict[str, Column]:
    """Street and house, parted where a row has both in one; the postcode as its country writes it."""
    found: dict[str, Column] = {}
    if "street" in cells:
        street = cells["street"]
        parts = {text: address.split_street(text) for text in street.values}
        whole = ~cells["house_number"].present if "house_number" in cells else street.present
        parted = mapped(street, lambda text: address.street(parts[text][0]))
        found["street"] = chosen(whole, parted, mapped(street, address.street))
        found["house"] = mapped(street, lambda text: address.house_number(parts[text][1]))
    if "house_number" in cells:
        house = mapped(cells["house_number"], address.house_number)
        found["house"] = chosen(~cells["house_number"].present, found["house"], house) if "house" in found else house
    if "postcode" in cells:
        found["postcode"] = _postcode(cells["postcode"], cells.get("country"), region)
    return found


def _postcode(postcode: Column, country: Column | None, region: str) -> Column:
    if country is None:
        return mapped(postcode, lambda text: address.postcode(text, region))
    codes = [country_code(text) or region for text in country.values]
    lands = mapped(country, lambda text: country_code(text) or region)
    found = mapped(postcode, lambda text: address.postcode(text, region))
    for land in sorted(set(codes) - {region}):
        there = lands.codes == lands.values.index(land)
        found = chosen(there, mapped(postcode, partial(_of_country, land)), found)
    return mapped(found, str)


def _of_country(land: str, text: str) -> str | None:
    return address.postcode(text, land)
