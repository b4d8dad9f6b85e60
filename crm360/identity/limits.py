"""How many identifiers of each kind, and how many records, one profile may collect before a person is asked. Pure.

A profile that collects more than a person has is a sign of something shared. The guard looks at what a join would make:
records that came together by somebody's decision stay together, and what adds nothing new may still join.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from crm360.identity.partition import Fits

#: kind → how many; "record" counts contacts, "customer_id" is counted shop by shop. 0: any number.
DEFAULTS: Mapping[str, int] = {
    "record": 50, "email": 10, "phone": 10, "card": 5, "customer_id": 1, "chat_id": 30, "national_id": 6,
}  # fmt: skip
MOST = 10_000
#: From so many bits on pairs may be merged several at once; set beside the limits, no limit itself.
BULK = "bulk"
USUAL: Mapping[str, int] = {**DEFAULTS, BULK: 6}


class Excess(NamedTuple):
    """What two groups of contacts would have too many of together: `number` of a kind where `most` are usual."""

    kind: str
    number: int
    most: int


def excess(
    left: Iterable[int], right: Iterable[int], forms: Mapping[int, Mapping[str, Any]], limits: Mapping[str, int]
) -> Excess | None:
    """The first limit a join of two disjoint groups would break, None when it breaks none."""
    one, other = _held(left, forms), _held(right, forms)
    for (kind, where), mine in sorted(one.items()):
        most, theirs = limits.get(kind, 0), other.get((kind, where), set())
        together = len(mine | theirs)
        if most and together > most and together > max(len(mine), len(theirs)):
            return Excess(kind, together, most)
    return None


def fitting(forms: Mapping[int, Mapping[str, Any]], limits: Mapping[str, int]) -> Fits:
    """The question clustering asks before it joins two groups: would both together still be within the limits?"""
    return lambda left, right: excess(left, right, forms, limits) is None


def _held(contacts: Iterable[int], forms: Mapping[int, Mapping[str, Any]]) -> dict[tuple[str, str], set[Any]]:
    """(kind, shop or "") → the distinct values of a group."""
    found: dict[tuple[str, str], set[Any]] = {("record", ""): set()}
    for contact in contacts:
        found["record", ""].add(contact)
        for kind in DEFAULTS:
            for value in forms[contact].get(kind, ()):
                where = value.rpartition(":")[0] if kind == "customer_id" else ""
                if kind == "customer_id" and not where:
                    continue  # a list's own numbers: nobody says that one person has one
                found.setdefault((kind, where), set()).add(value)
    return found
