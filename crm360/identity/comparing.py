"""Two contacts side by side: for each field how well they agree, as a named level. Pure.

A field missing on either side gives no finding. Batch and online use this one definition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from crm360.identity.blocking import identifier_key
from crm360.identity.compared import weak_by_nature
from crm360.identity.levels import (
    LEVELS,
    address_level,
    birth_date_level,
    email_level,
    family_level,
    given_level,
    name_level,
    national_id_level,
    phone_level,
)


class Finding(NamedTuple):
    """How one field of two contacts compares: the level's name and the two values it was judged on."""

    field: str
    level: str
    left: str
    right: str


def compare(left: Mapping[str, Any], right: Mapping[str, Any], weak: frozenset[str] = frozenset()) -> list[Finding]:
    """Findings for two compared forms. `weak` names the identifier keys that belong to many people."""
    return [
        *_identifiers(left, right, weak),
        *_names(left, right),
        *_birth_dates(left, right),
        *_addresses(left, right),
    ]


def _identifiers(left: Mapping[str, Any], right: Mapping[str, Any], weak: frozenset[str]) -> Iterator[Finding]:
    for kind in ("email", "phone", "card", "chat_id"):
        if kind in left and kind in right:
            yield _shared_value(kind, left[kind], right[kind], weak)
    if "customer_id" in left and "customer_id" in right:
        yield from _customer_ids(left["customer_id"], right["customer_id"], weak)
    if "national_id" in left and "national_id" in right:
        yield _shared_value("national_id", left["national_id"], right["national_id"], weak)


def _shared_value(kind: str, lefts: list[str], rights: list[str], weak: frozenset[str]) -> Finding:
    shared = sorted(set(lefts) & set(rights))
    for value in shared:
        if identifier_key(kind, value) not in weak and not weak_by_nature(kind, value):
            return Finding(kind, "same", value, value)
    if shared:
        return Finding(kind, "shared by many", shared[0], shared[0])
    if kind in _NEARLY and (near := _nearest(kind, lefts, rights)).level != "different":
        return near
    return Finding(kind, "different", ", ".join(lefts), ", ".join(rights))


#: Kinds whose values can nearly agree, and how.
_NEARLY: Mapping[str, Callable[[str, str], str]] = {
    "email": email_level,
    "phone": phone_level,
    "national_id": national_id_level,
}


def _nearest(kind: str, lefts: list[str], rights: list[str]) -> Finding:
    """The best level any two values reach."""
    order = LEVELS[kind].index
    level, left, right = min(
        ((_NEARLY[kind](left, right), left, right) for left in lefts for right in rights),
        key=lambda found: (order(found[0]), *sorted(found[1:])),
    )
    return Finding(kind, level, left, right)


def _customer_ids(lefts: list[str], rights: list[str], weak: frozenset[str]) -> Iterator[Finding]:
    """Ids of one shop (`shop:id`) can agree or disagree; ids of two shops say nothing."""
    if set(lefts) & set(rights):
        yield _shared_value("customer_id", lefts, rights, weak)
        return
    shops = {value.rpartition(":")[0] for value in lefts} & {value.rpartition(":")[0] for value in rights}
    if shops:
        yield Finding("customer_id", "different", ", ".join(lefts), ", ".join(rights))


def _names(left: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[Finding]:
    mine, theirs = (left.get("given", ""), left.get("family", "")), (right.get("given", ""), right.get("family", ""))
    if crossed := name_level(mine, theirs):
        yield Finding("name", crossed, " ".join(mine).strip(), " ".join(theirs).strip())
        return
    if mine[0] and theirs[0] and (level := given_level(mine[0], theirs[0])) != "unknown":
        yield Finding("given_name", level, mine[0], theirs[0])
    if mine[1] and theirs[1]:
        yield Finding("family_name", family_level(mine[1], theirs[1]), mine[1], theirs[1])


def _birth_dates(left: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[Finding]:
    mine, theirs = left.get("birth_date", ""), right.get("birth_date", "")
    if mine and theirs:
        yield Finding("birth_date", birth_date_level(mine, theirs), mine, theirs)


def _addresses(left: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[Finding]:
    parts = ((left.get(part, ""), right.get(part, "")) for part in ("street", "house", "postcode", "city"))
    if level := address_level(*parts):
        yield _place_finding(level, left, right)


def _place_finding(level: str, left: Mapping[str, Any], right: Mapping[str, Any]) -> Finding:
    return Finding("address", level, _shown(left), _shown(right))


def _shown(form: Mapping[str, Any]) -> str:
    return " ".join(form[part] for part in ("street", "house", "postcode", "city") if part in form)
