"""A contact in the form it is compared in: what its source said, normalised, placeholders left out. Pure."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from typing import Any

from crm360.identity.guards import NAMES_KEPT, SHARED_FROM, is_shared
from crm360.normalise import address, dates, identifiers, mailboxes, name
from crm360.normalise.country import country as country_code
from crm360.normalise.identifiers import IdentifierKind
from crm360.normalise.text import fold

Compared = dict[str, Any]

#: Fields compared as they stand.
FOLDED = ("address_2", "state", "birth_place", "job_title", "company")
#: Identifier kinds that can join two contacts by themselves.
JOINING: tuple[IdentifierKind, ...] = ("email", "phone", "card", "customer_id", "chat_id", "national_id")

_ISO_SHAPE = re.compile(r"([0-9]{4})[-/.]?([0-9]{2})[-/.]?([0-9]{2})")
#: Years in which systems put the dates they do not know.
_EPOCHS = ("0000", "0001", "1899", "1900", "1901", "1970", "9999")


def compared_form(
    fields: Mapping[str, Mapping[str, str]],
    found: Iterable[tuple[str, str]],
    *,
    names: Iterable[str] = (),
    anonymous: bool = False,
    blocked: Container[str] = frozenset(),
) -> Compared:
    """The compared form of a contact: {"given", "family", "birth_date", …, "email": [normal, …], "names": [key, …]}.

    `fields` as kept on the contact (name → {"value", "at"}); `found` the (kind, normal) pairs of its identifiers;
    `names` the name keys of every statement about it so far; `blocked` keys (`kind:normal`) that staff let count for
    nothing. Empty values are left out; order does not matter.
    """
    value = {key: entry["value"] for key, entry in fields.items()}
    form: Compared = {**_person(value), **_place(value)}
    form |= {part: text for part in FOLDED if (text := fold(value.get(part, "")))}
    form |= _identifiers(found, blocked)
    if kept := sorted(set(names))[:NAMES_KEPT]:
        form["names"] = kept
    if len(kept) >= SHARED_FROM and is_shared([kept]):
        for part in (
            "given",
            "family",
            "birth_date",
        ):  # a till's card, a reception's mailbox: the last name is nobody's
            form.pop(part, None)
    if anonymous:
        form["anonymous"] = True
    return form


def name_key(values: Mapping[str, str]) -> str:
    """`given|family` as one statement gave them (field name → value), "" when it gave no name."""
    person = _person(values)
    given, family = person.get("given", ""), person.get("family", "")
    return f"{given}|{family}" if given or family else ""


def name_part(field: str, value: str) -> str:
    """What a given or family name adds to `name_key`; "" for other fields and for words that name nobody."""
    if field not in ("given_name", "family_name") or name.is_placeholder(value):
        return ""
    return name.given(value) if field == "given_name" else name.family(value)


def born(text: str, *, month_first: bool = False) -> str:
    """A birth date as ISO text; a mistyped or historical one keeps its shape, for it still compares; "" for none."""
    if found := dates.birth_date(text, month_first=month_first):
        return found
    shape = _ISO_SHAPE.fullmatch(text.strip())
    return "-".join(shape.groups()) if shape and shape[1] not in _EPOCHS else ""


def weak_by_nature(kind: str, normal: str) -> bool:
    """Whether a value belongs to a function, not to a person (info@, biuro@)."""
    return kind == "email" and mailboxes.is_role(normal)


def _identifiers(found: Iterable[tuple[str, str]], blocked: Container[str]) -> Compared:
    of_kind: dict[str, set[str]] = {}
    for kind, normal in found:
        of_kind.setdefault(kind, set()).add(normal)
    kept = {
        kind: sorted(
            normal
            for normal in of_kind[kind]
            if not identifiers.is_placeholder(kind, normal) and f"{kind}:{normal}" not in blocked
        )
        for kind in (*JOINING, "tax_id", "device")
        if kind in of_kind
    }
    return {kind: normals for kind, normals in kept.items() if normals}


def _person(value: Mapping[str, str]) -> Compared:
    given, family = value.get("given_name", ""), value.get("family_name", "")
    if not given and not family and value.get("full_name"):
        given, family = name.split_full_name(value["full_name"])
    person = {
        "given": name_part("given_name", given),
        "family": name_part("family_name", family),
        "birth_date": born(value.get("birth_date", "")),
    }
    return {key: text for key, text in person.items() if text}


def _place(value: Mapping[str, str]) -> Compared:
    street, house = value.get("street", ""), value.get("house_number", "")
    if street and not house:
        street, house = address.split_street(street)
    country = country_code(value.get("country", "")) or ""
    place = {
        "street": address.street(street),
        "house": address.house_number(house),
        "city": address.city(value.get("city", "")),
        "postcode": address.postcode(value.get("postcode", ""), country or "PL") or "",
        "country": country,
    }
    return {key: text for key, text in place.items() if text}
