"""What keeps people apart: hard conflicts between two contacts, and values that belong to many. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stdnum.exceptions import ValidationError
from stdnum.pl import pesel

from crm360.identity.comparing import birth_date_level
from crm360.normalise import name

#: From this many clearly different names on, a value is nobody's own. A state's number names one person even where the
#: names beside it are badly spelt.
SHARED_FROM = 3
STATE_ID_SHARED_FROM = 10
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


def shared_from(key: str) -> int:
    """From how many people on the identifier of a blocking key is shared."""
    return STATE_ID_SHARED_FROM if key.startswith("national_id:") else SHARED_FROM


def distinct_people(names: Iterable[str]) -> int:
    """How many clearly different persons the name keys (`given|family`) speak of; spellings of one name count once.

    Beyond MANY_NAMES spellings each counts. The result depends on the set alone, not on its order.
    """
    keys = sorted(set(names))
    if len(keys) > MANY_NAMES:
        return len(keys)
    groups: list[list[str]] = []
    for key in keys:
        touching = [group for group in groups if any(_one_name(key, other) for other in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([key, *(other for group in touching for other in group)])
    return len(groups)


def _one_name(a: str, b: str) -> bool:
    (given_a, _, family_a), (given_b, _, family_b) = a.partition("|"), b.partition("|")
    if given_a and given_a == family_b and family_a == given_b:
        return True  # the two names exchanged
    given = name.same_given(given_a, given_b) if given_a and given_b else "unknown"
    if given == "different":
        return False
    return not family_a or not family_b or given in ("same", "nickname", "similar") or family_a == family_b


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
