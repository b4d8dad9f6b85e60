"""The partition of contacts into persons: a pure function of contacts, accepted pairs and staff decisions.

Works on one component at a time (contacts reachable through joining pairs and same-person decisions). Decisions first,
newest first; then joining pairs, strongest first, each accepted only if the two clusters as wholes do not contradict:
one bad pair must not glue two families. Ties break on the contacts' own keys, never on order of arrival.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

#: (source, external id): the same whatever order contacts came in
StableKey = tuple[str, str]


class Pair(NamedTuple):
    """Two contacts and the bits that speak for (+) or against (-) their being one person."""

    left: int
    right: int
    weight: float


class Link(NamedTuple):
    """One pair a person decided on. `decision` grows with time: the later word counts."""

    decision: int
    left: int
    right: int
    same: bool


#: (contact, contact) → the pair's weight where it is worth a review, else what contradicts (0 where nothing does), None
#: when the two cannot be one person
Opinion = Callable[[int, int], float | None]

#: (group, group) → whether both together stay within what one person has (see `limits`)
Fits = Callable[[frozenset[int], frozenset[int]], bool]


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


def cluster(
    contacts: Mapping[int, StableKey],
    pairs: Sequence[Pair],
    links: Sequence[Link],
    opinion: Opinion,
    fits: Fits = lambda left, right: True,
) -> list[frozenset[int]]:
    """Part one component into persons.

    `pairs` are those at or above the joining threshold; `opinion` is asked for every other pair of two clusters about
    to join, and `fits` whether they may; what people called the same joins without asking. Returns disjoint sets that
    cover `contacts`, in a stable order.
    """
    clusters = {contact: frozenset((contact,)) for contact in contacts}
    apart = _apply_links(clusters, links)
    weights = {frozenset((pair.left, pair.right)): pair.weight for pair in pairs}
    for pair in sorted(pairs, key=lambda p: (-p.weight, *sorted((contacts[p.left], contacts[p.right])))):
        left, right = clusters[pair.left], clusters[pair.right]
        if left is right or _forbidden(left, right, apart) or not fits(left, right):
            continue
        if _agree(left, right, weights, opinion):
            _unite(clusters, left, right)
    return sorted(set(clusters.values()), key=lambda group: min(contacts[contact] for contact in group))


def _apply_links(clusters: dict[int, frozenset[int]], links: Sequence[Link]) -> list[tuple[int, int]]:
    """Unite what people called the same; returns the pairs they called different that still stand."""
    apart: list[tuple[int, int]] = []
    for link in sorted(links, key=lambda x: (-x.decision, x.same, x.left, x.right)):
        if link.left not in clusters or link.right not in clusters:
            continue
        left, right = clusters[link.left], clusters[link.right]
        if not link.same and left is not right:
            apart.append((link.left, link.right))
        elif link.same and left is not right and not _forbidden(left, right, apart):
            _unite(clusters, left, right)
    return apart


def _forbidden(left: frozenset[int], right: frozenset[int], apart: Sequence[tuple[int, int]]) -> bool:
    return any((a in left and b in right) or (a in right and b in left) for a, b in apart)


def _agree(
    left: frozenset[int], right: frozenset[int], weights: Mapping[frozenset[int], float], opinion: Opinion
) -> bool:
    """Whether everything known of two clusters, taken together, still speaks for one person."""
    total = 0.0
    for a in left:
        for b in right:
            weight = weights.get(frozenset((a, b)))
            if weight is None:
                weight = opinion(a, b)
            elif opinion(a, b) is None:
                weight = None
            if weight is None:
                return False
            total += weight
    return total > 0


def _unite(clusters: dict[int, frozenset[int]], left: frozenset[int], right: frozenset[int]) -> None:
    union = left | right
    for contact in union:
        clusters[contact] = union
