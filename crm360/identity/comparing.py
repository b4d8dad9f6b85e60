"""Two contacts side by side: for each field how well they agree, as a named level. Pure.

A field missing on either side gives no finding. Batch and online use this one definition.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from crm360.identity.compared import weak_by_nature
from crm360.identity.levels import (
    LEVELS,
    TEXTS,
    address_level,
    birth_date_level,
    email_level,
    family_level,
    given_level,
    name_level,
    national_id_level,
    phone_level,
    text_level,
)


class Finding(NamedTuple):
    """How one field of two contacts compares: the level's name and the two values it was judged on."""

    field: str
    level: str
    left: str
    right: str


#: Where among the values of many those stand that staff call one person's own, though they look like an office's.
OWN = "own"
#: Identifiers two contacts are compared by, in the order they are shown.
IDENTIFIERS = ("email", "phone", "card", "chat_id", "customer_id", "national_id")


def compare(
    left: Mapping[str, Any], right: Mapping[str, Any], shared: Mapping[str, Collection[str]] | None = None
) -> list[Finding]:
    """Findings for two compared forms.

    `shared`: by kind the identifier values that belong to many people; under OWN the mailboxes that do not after all.
    """
    shared = shared or {}
    return [
        *_identifiers(left, right, shared),
        *_names(left, right),
        *_birth_dates(left, right),
        *_addresses(left, right),
        *_texts(left, right),
    ]


def _identifiers(
    left: Mapping[str, Any], right: Mapping[str, Any], shared: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    for kind in IDENTIFIERS:
        if kind in left and kind in right and (found := identifier(kind, left[kind], right[kind], shared)):
            yield found


def identifier(
    kind: str, lefts: Sequence[str], rights: Sequence[str], shared: Mapping[str, Collection[str]]
) -> Finding | None:
    """How two sets of identifiers of a kind agree at best; None where they cannot be held against each other.

    `shared` as in `compare`.
    """
    common = sorted(set(lefts) & set(rights))
    for value in common:
        if not of_many(kind, value, shared):
            return Finding(kind, "same", value, value)
    if common:
        return Finding(kind, "shared by many", common[0], common[0])
    if kind == "customer_id" and not {_shop(value) for value in lefts} & {_shop(value) for value in rights}:
        return None  # ids of two shops say nothing
    if kind in _NEARLY and (near := _nearest(kind, lefts, rights)).level != "different":
        return near
    return Finding(kind, "different", ", ".join(lefts), ", ".join(rights))


def of_many(kind: str, value: str, shared: Mapping[str, Collection[str]]) -> bool:
    """Whether a value is nobody's own: learned, or a function's mailbox that nobody calls a person's."""
    return value in shared.get(kind, ()) or (weak_by_nature(kind, value) and value not in shared.get(OWN, ()))


def own_mailboxes(personal: Iterable[str]) -> frozenset[str]:
    """What stands under OWN: the addresses among the keys ("email:biuro@firma.pl") that staff call one person's own."""
    return frozenset(value for kind, _, value in (key.partition(":") for key in personal) if kind == "email")


def identifier_level(
    kind: str, lefts: Sequence[str], rights: Sequence[str], shared: Mapping[str, Collection[str]]
) -> str:
    """The level of `identifier`; "" for none."""
    found = identifier(kind, lefts, rights, shared)
    return found.level if found else ""


def _shop(customer_id: str) -> str:
    return customer_id.rpartition(":")[0]


#: Kinds whose values can nearly agree, and how.
_NEARLY: Mapping[str, Callable[[str, str], str]] = {
    "email": email_level,
    "phone": phone_level,
    "national_id": national_id_level,
}


def _nearest(kind: str, lefts: Sequence[str], rights: Sequence[str]) -> Finding:
    """The best level any two values reach."""
    order = LEVELS[kind].index
    level, left, right = min(
        ((_NEARLY[kind](left, right), left, right) for left in lefts for right in rights),
        key=lambda found: (order(found[0]), *sorted(found[1:])),
    )
    return Finding(kind, level, left, right)


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


def _texts(left: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[Finding]:
    for field in TEXTS:
        if field in left and field in right:
            yield Finding(field, text_level(left[field], right[field]), left[field], right[field])
