"""What keeps people apart: hard conflicts between two contacts, and values that belong to many. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations, product
from typing import Any

from stdnum.exceptions import ValidationError
from stdnum.pl import pesel

from crm360.identity.levels import birth_date_level, family_level
from crm360.normalise import name

#: From this many clearly different names on, a value is nobody's own.
SHARED_FROM = 3
#: More name spellings than one person collects; nobody compares them one by one.
MANY_NAMES = 40


def conflict(left: Mapping[str, Any], right: Mapping[str, Any]) -> str:
    """Why two contacts cannot be one person whatever else agrees; "" when nothing forbids it."""
    mine, theirs = _pesels(left), _pesels(right)
    if mine and theirs and not mine & theirs:
        return "two different PESEL numbers"
    born, also = left.get("birth_date"), right.get("birth_date")
    if born and also and birth_date_level(born, also) == "different" and not _same_hard_id(left, right):
        return "clearly different birth dates"
    return ""


def distinct_people(names: Iterable[str]) -> int:
    """How many persons the name keys (`given|family`) speak of at least: 0 to SHARED_FROM.

    Counts names of which each is clearly different from each other one; spellings of one name count once. More names
    never make it fewer, and their order does not matter: whether a value is shared cannot flicker as the base grows.
    """
    keys = sorted(set(names))
    if len(keys) > MANY_NAMES:
        return SHARED_FROM
    apart = {(a, b) for a, b in combinations(keys, 2) if not _one_name(a, b)}
    for (a, b), c in product(apart, keys):
        if (a, c) in apart and (b, c) in apart:
            return SHARED_FROM
    return 2 if apart else min(len(keys), 1)


def _one_name(a: str, b: str) -> bool:
    (given_a, _, family_a), (given_b, _, family_b) = a.partition("|"), b.partition("|")
    if given_a and given_a == family_b and family_a == given_b:
        return True  # the two names exchanged
    given = name.same_given(given_a, given_b) if given_a and given_b else "unknown"
    if given == "different":
        return False
    if not family_a or not family_b or given in ("same", "nickname", "similar"):
        return True
    return family_level(family_a, family_b) != "different"


def _pesels(form: Mapping[str, Any]) -> set[str]:
    return {value for value in form.get("national_id", ()) if _is_pesel(value)}


def _is_pesel(value: str) -> bool:
    try:
        return bool(pesel.validate(value))
    except ValidationError:
        return False


def _same_hard_id(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """One state id on both sides: then the birth date was mistyped, not the person mistaken."""
    return bool(set(left.get("national_id", ())) & set(right.get("national_id", ())))
