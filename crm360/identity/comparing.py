"""Two contacts side by side: for each field how well they agree, as a named level. Pure.

A field missing on either side gives no finding. Batch and online use this one definition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler

from crm360.identity.blocking import identifier_key
from crm360.identity.compared import weak_by_nature
from crm360.normalise import dates, name

#: Every level a comparison can give, strongest first; a model has a weight for each.
LEVELS = {
    "national_id": ("same", "similar", "near", "shared by many", "different"),
    "customer_id": ("same", "shared by many", "different"),
    "chat_id": ("same", "shared by many", "different"),
    "card": ("same", "shared by many", "different"),
    "email": ("same", "similar", "shared by many", "different"),
    "phone": ("same", "shared by many", "different"),
    "name": ("swapped",),
    "given_name": ("same", "nickname", "similar", "initial", "different"),
    "family_name": ("same", "similar", "part", "alike", "different"),
    "birth_date": ("same", "close", "part", "different"),
    "address": ("same door", "same street", "same postcode", "same city", "different"),
}


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
        yield _national_ids(left["national_id"], right["national_id"], weak)


def _shared_value(kind: str, lefts: list[str], rights: list[str], weak: frozenset[str]) -> Finding:
    shared = sorted(set(lefts) & set(rights))
    for value in shared:
        if identifier_key(kind, value) not in weak and not weak_by_nature(kind, value):
            return Finding(kind, "same", value, value)
    if shared:
        return Finding(kind, "shared by many", shared[0], shared[0])
    if kind == "email" and (near := _near_email(lefts, rights)):
        return near
    return Finding(kind, "different", ", ".join(lefts), ", ".join(rights))


def _near_email(lefts: list[str], rights: list[str]) -> Finding | None:
    for left in lefts:
        for right in rights:
            mine, theirs = left.partition("@")[0], right.partition("@")[0]
            if len(mine) >= 6 and (mine == theirs or OSA.distance(left, right, score_cutoff=1) <= 1):
                return Finding("email", "similar", left, right)
    return None


def _customer_ids(lefts: list[str], rights: list[str], weak: frozenset[str]) -> Iterator[Finding]:
    """Ids of one shop (`shop:id`) can agree or disagree; ids of two shops say nothing."""
    if set(lefts) & set(rights):
        yield _shared_value("customer_id", lefts, rights, weak)
        return
    shops = {value.rpartition(":")[0] for value in lefts} & {value.rpartition(":")[0] for value in rights}
    if shops:
        yield Finding("customer_id", "different", ", ".join(lefts), ", ".join(rights))


def _national_ids(lefts: list[str], rights: list[str], weak: frozenset[str]) -> Finding:
    found = _shared_value("national_id", lefts, rights, weak)
    if found.level == "different":
        nearest = min(OSA.distance(a, b) for a in lefts for b in rights)
        return found._replace(level="similar" if nearest <= 1 else "near" if nearest == 2 else "different")
    return found


def _names(left: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[Finding]:
    mine, theirs = (left.get("given", ""), left.get("family", "")), (right.get("given", ""), right.get("family", ""))
    if all(mine) and all(theirs) and _swapped(mine, theirs):
        yield Finding("name", "swapped", " ".join(mine), " ".join(theirs))
        return
    if mine[0] and theirs[0]:
        level = name.same_given(mine[0], theirs[0])
        if level == "different" and _much_alike(mine[0], theirs[0]):
            level = "similar" if len(mine[0]) != len(theirs[0]) or mine[0][-1:] == theirs[0][-1:] else level
        if level != "unknown":
            yield Finding("given_name", level, mine[0], theirs[0])
    if mine[1] and theirs[1]:
        yield Finding("family_name", family_level(mine[1], theirs[1]), mine[1], theirs[1])


def _swapped(mine: tuple[str, str], theirs: tuple[str, str]) -> bool:
    if mine == theirs or mine[0] == mine[1]:
        return False
    crossed = JaroWinkler.similarity(mine[0], theirs[1]) + JaroWinkler.similarity(mine[1], theirs[0])
    straight = JaroWinkler.similarity(mine[0], theirs[0]) + JaroWinkler.similarity(mine[1], theirs[1])
    return crossed >= 1.84 and crossed > straight


@lru_cache(maxsize=1 << 17)
def _much_alike(a: str, b: str) -> bool:
    """A typing error the nickname rules did not settle (Polish name pairs that tell the sexes apart are settled)."""
    return len(a) > 3 and len(b) > 3 and JaroWinkler.similarity(a, b) >= 0.9 and not _ends_by_sex(a, b)


def _ends_by_sex(a: str, b: str) -> bool:
    return a.endswith("a") != b.endswith("a")


@lru_cache(maxsize=1 << 17)
def family_level(a: str, b: str) -> str:
    if a == b:
        return "same"
    if set(name.family_parts(a)) & set(name.family_parts(b)):
        return "part"  # a double-barrelled name after marriage
    distance = OSA.distance(a.replace(" ", ""), b.replace(" ", ""))
    if distance <= (1 if min(len(a), len(b)) < 6 else 2) and min(len(a), len(b)) > 3:
        return "similar"
    return "alike" if JaroWinkler.similarity(a, b) >= 0.88 else "different"


def _birth_dates(left: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[Finding]:
    mine, theirs = left.get("birth_date", ""), right.get("birth_date", "")
    if mine and theirs:
        yield Finding("birth_date", birth_date_level(mine, theirs), mine, theirs)


@lru_cache(maxsize=1 << 17)
def birth_date_level(a: str, b: str) -> str:
    """same · close (a digit, two digits exchanged, day and month exchanged) · part (two of year, month, day) · different."""
    if a == b:
        return "same"
    if dates.transposed(a, b) or OSA.distance(a, b) == 1:
        return "close"
    agreeing = sum(one == other for one, other in zip(a.split("-"), b.split("-"), strict=True))
    return "part" if agreeing >= 2 or OSA.distance(a, b) == 2 else "different"


def _addresses(left: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[Finding]:
    """One finding for the whole address: its parts are not independent evidence."""
    area = _area_level(left, right)
    if "street" in left and "street" in right:
        alike = _street_alike(left["street"], right["street"])
        door = left.get("house", "") == right.get("house", "") and bool(left.get("house"))
        if alike and door and area != "different":
            yield _place_finding("same door", left, right)
        elif alike and area not in ("different", ""):
            yield _place_finding("same street", left, right)
        elif area == "postcode":
            yield _place_finding("same postcode", left, right)
        else:
            yield _place_finding("same city" if area == "city" else "different", left, right)
    elif area:
        yield _place_finding(f"same {area}" if area != "different" else area, left, right)


def _area_level(left: Mapping[str, Any], right: Mapping[str, Any]) -> str:
    postcodes = (left.get("postcode", ""), right.get("postcode", ""))
    cities = (left.get("city", ""), right.get("city", ""))
    if all(postcodes) and postcodes[0] == postcodes[1]:
        return "postcode"
    if all(cities) and (cities[0] == cities[1] or JaroWinkler.similarity(cities[0], cities[1]) >= 0.92):
        return "city"
    return "different" if all(postcodes) or all(cities) else ""


@lru_cache(maxsize=1 << 17)
def _street_alike(a: str, b: str) -> bool:
    return a == b or JaroWinkler.similarity(a, b) >= 0.9


def _place_finding(level: str, left: Mapping[str, Any], right: Mapping[str, Any]) -> Finding:
    return Finding("address", level, _shown(left), _shown(right))


def _shown(form: Mapping[str, Any]) -> str:
    return " ".join(form[part] for part in ("street", "house", "postcode", "city") if part in form)
