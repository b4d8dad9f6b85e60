"""Contacts that hang together: pairs, what people decided, and the components they make. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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


def components(seeds: Iterable[int], neighbours: Callable[[set[int]], Iterable[tuple[int, int]]]) -> list[set[int]]:
    """Connected components that hold `seeds`. `neighbours(frontier)` gives the pairs touching any contact of it."""
    parent: dict[int, int] = {seed: seed for seed in seeds}
    frontier = set(parent)
    while frontier:
        reached: set[int] = set()
        for left, right in neighbours(frontier):
            for contact in (left, right):
                if contact not in parent:
                    parent[contact] = contact
                    reached.add(contact)
            parent[_root(parent, left)] = _root(parent, right)
        frontier = reached
    groups: dict[int, set[int]] = {}
    for contact in parent:
        groups.setdefault(_root(parent, contact), set()).add(contact)
    return list(groups.values())


def _root(parent: dict[int, int], item: int) -> int:
    while parent[item] != item:
        parent[item] = parent[parent[item]]
        item = parent[item]
    return item
