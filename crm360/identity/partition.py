"""Contacts that hang together: pairs, what people decided, and the components they make. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from crm360.identity.engine.agglomerating import Link

__all__ = ["Link", "Pair", "StableKey", "components"]

#: (source, external id): the same whatever order contacts came in
StableKey = tuple[str, str]


class Pair(NamedTuple):
    """Two contacts and the bits that speak for (+) or against (-) their being one person."""

    left: int
    right: int
    weight: float
    barred: bool = False


def components(contacts: Iterable[int], pairs: Iterable[tuple[int, int]]) -> list[set[int]]:
    """`contacts` in sets of those that `pairs` of them connect; a contact of no pair is a set of its own."""
    parent = {contact: contact for contact in contacts}
    for left, right in pairs:
        parent[_root(parent, left)] = _root(parent, right)
    groups: dict[int, set[int]] = {}
    for contact in parent:
        groups.setdefault(_root(parent, contact), set()).add(contact)
    return list(groups.values())


def _root(parent: dict[int, int], item: int) -> int:
    while parent[item] != item:
        parent[item] = parent[parent[item]]
        item = parent[item]
    return item
