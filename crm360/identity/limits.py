"""How many identifiers of each kind, and how many records, one profile may collect before a person is asked. Pure.

A profile that collects more than a person has is a sign of something shared. The guard looks at what a join would make:
records that came together by somebody's decision stay together, and what adds nothing new may still join.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

#: kind → how many; "record" counts contacts, "customer_id" counts the accounts of one shop that can be in use at once. 0: any number.
DEFAULTS: Mapping[str, int] = {
    "record": 50, "email": 10, "phone": 10, "card": 5, "customer_id": 1, "chat_id": 30, "national_id": 6,
}  # fmt: skip
MOST = 10_000
#: From so many percent likely on pairs may be merged several at once, 0: never; set beside the limits, no limit itself.
BULK = "bulk"
USUAL: Mapping[str, int] = {**DEFAULTS, BULK: 90}


class Excess(NamedTuple):
    """What two groups of contacts would have too many of together: `number` of a kind where `most` are usual."""

    kind: str
    number: int
    most: int


def excess(
    left: Iterable[int], right: Iterable[int], forms: Mapping[int, Mapping[str, Any]], limits: Mapping[str, int]
) -> Excess | None:
    """The first limit a join of two disjoint groups would break, None when it breaks none."""
    mine, theirs = set(left), set(right)
    one, other, both = (_numbers(group, forms) for group in (mine, theirs, mine | theirs))
    for (kind, where), together in sorted(both.items()):
        most = limits.get(kind, 0)
        if most and together > most and together > max(one.get((kind, where), 0), other.get((kind, where), 0)):
            return Excess(kind, together, most)
    return None


def within(contacts: Iterable[int], forms: Mapping[int, Mapping[str, Any]], limits: Mapping[str, int]) -> bool:
    """Whether a group holds no more than one profile may: then no part of it does either."""
    numbers = _numbers(contacts, forms)
    return all(number <= limits[kind] for (kind, _), number in numbers.items() if limits.get(kind))


def _numbers(contacts: Iterable[int], forms: Mapping[int, Mapping[str, Any]]) -> dict[tuple[str, str], int]:
    """(kind, shop or "") → how many a group has."""
    values: dict[str, set[str]] = {}
    accounts: dict[str, list[set[str]]] = {}
    records = 0
    for contact in contacts:
        records += 1
        for kind in DEFAULTS.keys() & forms[contact].keys():
            if kind == "customer_id":
                for value in forms[contact][kind]:
                    if ":" not in value:
                        continue  # a list's own numbers: nobody says that one person has one
                    accounts.setdefault(value.rpartition(":")[0], []).append({value, *forms[contact].get("email", ())})
            else:
                values.setdefault(kind, set()).update(forms[contact][kind])
    return {
        ("record", ""): records,
        **{(kind, ""): len(found) for kind, found in values.items()},
        **{("customer_id", shop): _active(found) for shop, found in accounts.items()},
    }


def _active(accounts: Iterable[set[str]]) -> int:
    """How many accounts of one shop can be in use at once: a shop gives an address to one, so those that share one are one."""
    apart: list[set[str]] = []
    for account in accounts:
        near = [other for other in apart if other & account]
        apart = [other for other in apart if not other & account] + [account.union(*near)]
    return len(apart)
