"""From the columns of a file to the fields people are compared by: recognised by name, normalised once per value. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from crm360.identity import compared
from crm360.identity.engine import workers
from crm360.identity.engine.table import Column, chosen, factorise, mapped, sorted_values, together
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
    """Compared columns from raw ones (field → cell per row), each distinct cell normalised once, values in order."""
    rows = len(next(iter(raw.values()))) if raw else 0
    normal = _normalisers(region)
    # the costliest first; names share one set of values, and so do the parts of a street
    tasks: list[Callable[[], dict[str, Column]]] = [
        *(partial(_normalised, field, raw[field], normal[field]) for field in normal if field in raw),
        partial(_names, raw, rows),
    ]
    tasks += [partial(_births, raw["birth_date"])] if "birth_date" in raw else []
    tasks += [partial(_street, raw)] if "street" in raw or "house_number" in raw else []
    tasks += [partial(_postcodes, raw, region)] if "postcode" in raw else []
    found: dict[str, Column] = {}
    for made in workers.done(tasks, worth=rows >= workers.WORTH):
        found |= made
    return {field: column for field, column in found.items() if column.values}


def _normalised(field: str, cells: Sequence[str | None], change: Callable[[str], str | None]) -> dict[str, Column]:
    return {"card" if field == "card_no" else field: sorted_values(mapped(factorise(cells), change))}


def _births(cells: Sequence[str | None]) -> dict[str, Column]:
    """Birth dates, read as the whole column writes them."""
    said = factorise(cells)
    born = partial(compared.born, month_first=dates.writes_month_first(said.values))
    return {"birth_date": sorted_values(mapped(said, born))}


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


def _names(raw: Mapping[str, Sequence[str | None]], rows: int) -> dict[str, Column]:
    """Given and family name on one set of values; taken from the full name where a row has no other."""
    empty = [None] * rows
    given, family = (factorise(raw.get(field, empty)) for field in ("given_name", "family_name"))
    if "full_name" in raw:
        full = factorise(raw["full_name"])
        parts = {text: name.split_full_name(text) for text in full.values}
        nameless = ~given.present & ~family.present
        given = chosen(nameless, mapped(full, lambda text: parts[text][0]), given)
        family = chosen(nameless, mapped(full, lambda text: parts[text][1]), family)
    one = mapped(given, lambda text: "" if name.is_placeholder(text) else name.given(text))
    other = mapped(family, lambda text: "" if name.is_placeholder(text) else name.family(text))
    one, other = together(one, other)
    return {"given": one, "family": other}


def _street(raw: Mapping[str, Sequence[str | None]]) -> dict[str, Column]:
    """Street and house, parted where a row has both in one."""
    found: dict[str, Column] = {}
    numbers = factorise(raw["house_number"]) if "house_number" in raw else None
    if "street" in raw:
        street = factorise(raw["street"])
        parts = {text: address.split_street(text) for text in street.values}
        whole = street.present if numbers is None else ~numbers.present
        parted = mapped(street, lambda text: address.street(parts[text][0]))
        found["street"] = chosen(whole, parted, mapped(street, address.street))
        found["house"] = mapped(street, lambda text: address.house_number(parts[text][1]))
    if numbers is not None:
        house = mapped(numbers, address.house_number)
        found["house"] = chosen(~numbers.present, found["house"], house) if "house" in found else house
    return {field: sorted_values(column) for field, column in found.items()}


def _postcodes(raw: Mapping[str, Sequence[str | None]], region: str) -> dict[str, Column]:
    """The postcode as its country writes it."""
    country = factorise(raw["country"]) if "country" in raw else None
    return {"postcode": sorted_values(_postcode(factorise(raw["postcode"]), country, region))}


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
