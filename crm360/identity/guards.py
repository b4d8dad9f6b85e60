"""What keeps people apart: hard conflicts between two contacts, and values that belong to many. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from itertools import combinations, product
from typing import Any

from stdnum.exceptions import ValidationError
from stdnum.pl import nip, pesel

from crm360.identity.levels import birth_date_level, family_level, given_level, name_level
from crm360.normalise import name

#: From this many clearly different names on, a value is nobody's own.
SHARED_FROM = 3
#: More name spellings than one person collects; nobody compares them one by one.
MANY_NAMES = 40


#: Carriers of one value from which on nobody asks for their names any more.
MANY_CARRIERS = 120
#: Names one record keeps; one that was seen with as many served a crowd.
NAMES_KEPT = 12
#: What can be in conflict; a model leaves out birth dates and given names where people of its data often get them wrong.
CONFLICTS = ("national_id", "tax_id", "birth_date", "given_name")
#: Identifiers that tell that a name or a date was mistyped, not the person mistaken.
_SURE = ("national_id", "customer_id")


def hard(kinds: Iterable[str]) -> tuple[str, ...]:
    """Those that speak of two people for certain. A clearly different given name is left to a person to judge."""
    return tuple(kind for kind in kinds if kind != "given_name")


def is_shared(names: Iterable[Collection[str]]) -> bool:
    """Whether a value is nobody's own, by the name keys each of its carriers was seen with."""
    each = list(names)
    if any(len(seen) >= NAMES_KEPT for seen in each):
        return True
    return distinct_people(name for seen in each for name in seen) >= SHARED_FROM


def conflict(left: Mapping[str, Any], right: Mapping[str, Any], kinds: Collection[str] = CONFLICTS) -> str:
    """Why two contacts cannot be one person whatever else agrees; "" when nothing of `kinds` forbids it."""
    if "national_id" in kinds and _disjoint("national_id", is_pesel, left, right):
        return "two different PESEL numbers"
    if "tax_id" in kinds and _disjoint("tax_id", is_nip, left, right):
        return "two different NIP numbers"
    born, also = left.get("birth_date"), right.get("birth_date")
    if (
        "birth_date" in kinds
        and born
        and also
        and birth_date_level(born, also) == "different"
        and not _same_hard_id(left, right)
    ):
        return "clearly different birth dates"
    if "given_name" in kinds and _other_given_name(left, right):
        return "clearly different given names"
    return ""


def _other_given_name(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """A household shares mailbox, landline and door, but neither given name nor birth date."""
    mine, theirs = (left.get("given", ""), left.get("family", "")), (right.get("given", ""), right.get("family", ""))
    if not mine[0] or not theirs[0] or name_level(mine, theirs) or not other_given_name(mine, theirs):
        return False
    if any(set(left.get(kind, ())) & set(right.get(kind, ())) for kind in _SURE):
        return False
    born, also = left.get("birth_date"), right.get("birth_date")
    return not (born and also and birth_date_level(born, also) in ("same", "close"))


@lru_cache(maxsize=1 << 16)
def other_given_name(mine: tuple[str, str], theirs: tuple[str, str]) -> bool:
    """Whether the given names of two (given, family) clearly differ: not only mistyped, in any form, nor exchanged."""
    if min(len(mine[0]), len(theirs[0])) < 2 or given_level(mine[0], theirs[0]) != "different":
        return False
    if name.mistyped_given(mine[0], theirs[0]):
        return False
    crossed = ((mine[0], theirs[1]), (theirs[0], mine[1]))
    return not any(one and other and family_level(one, other) != "different" for one, other in crossed)


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
    if name_level((given_a, family_a), (given_b, family_b)) in ("swapped", "misplaced"):
        return True  # the two names exchanged, or one of them in the other's place
    given = name.same_given(given_a, given_b) if given_a and given_b else "unknown"
    if given == "different":
        return False
    if not family_a or not family_b or given in ("same", "nickname", "similar"):
        return True
    return family_level(family_a, family_b) != "different"


def _disjoint(kind: str, is_one: Callable[[str], bool], left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    mine, theirs = set(filter(is_one, left.get(kind, ()))), set(filter(is_one, right.get(kind, ())))
    return bool(mine and theirs and not mine & theirs)


@lru_cache(maxsize=1 << 16)
def is_pesel(value: str) -> bool:
    """Whether a state id is a valid PESEL."""
    try:
        return bool(pesel.validate(value))
    except ValidationError:
        return False


@lru_cache(maxsize=1 << 16)
def is_nip(value: str) -> bool:
    """Whether a tax id in normal form (`PL5260250274`) is a valid NIP."""
    try:
        return value.startswith("PL") and bool(nip.validate(value[2:]))
    except ValidationError:
        return False


def _same_hard_id(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """One state id on both sides: then the birth date was mistyped, not the person mistaken."""
    return bool(set(left.get("national_id", ())) & set(right.get("national_id", ())))
