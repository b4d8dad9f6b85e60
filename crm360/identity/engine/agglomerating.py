"""One component parted into persons: what people said first, then the strongest pairs, as long as wholes agree. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

#: whether two clusters (rows of each) may be one profile by the limits of one
Fits = Callable[[Sequence[int], Sequence[int]], bool]


@dataclass(frozen=True, slots=True)
class Rules:
    """How pairs count when clusters are about to join, in bits; they stand in the model document.

    `silent`: what a pair says in which nothing compared speaks against one person, too little for it to be asked about.
    `against`: what any other pair says at most against, unless it is a contradiction. `most`: what it says at most.
    `crowd`: a component of more records is taken apart at a higher threshold, `step` by step. A profile of more than
    `loose_from` records must be bound by `loose` bits per pair.
    """

    silent: float = -1.0
    against: float = -4.0
    most: float = 20.0
    crowd: int = 200
    step: float = 2.0
    loose_from: int = 12
    loose: float = 0.5


class Link(NamedTuple):
    """One pair a person decided on. `decision` grows with time: the later word counts."""

    decision: int
    left: int
    right: int
    same: bool


class Component(NamedTuple):
    """`rows` in order of rank. By place in it: what is known of every pair, which cannot be one, which can join, links."""

    rows: list[int]
    bits: list[list[float]]
    barred: list[list[bool]]
    joining: list[tuple[float, int, int]]
    links: list[Link]


def agglomerate(component: Component, rules: Rules, fits: Fits | None = None) -> list[list[int]]:
    """The persons of a component, each a list of rows."""
    found = _Clusters(component)
    found.decide(component.links)
    for _, one, other in sorted((-weight, one, other) for weight, one, other in component.joining):
        a, b = found.of[one], found.of[other]
        if a != b and found.agree(a, b, rules) and (fits is None or fits(found.rows(a), found.rows(b))):
            found.unite(a, b)
    return [found.rows(cluster) for cluster in found.members]


class _Clusters:
    """Clusters by the place of one member, and what is known between each two of them."""

    def __init__(self, component: Component):
        places = range(len(component.rows))
        self._rows = component.rows
        self.of = list(places)
        self.members = {place: [place] for place in places}
        self._bits = [list(row) for row in component.bits]
        self._barred = [list(row) for row in component.barred]
        self._apart: set[tuple[int, int]] = set()

    def rows(self, cluster: int) -> list[int]:
        return [self._rows[place] for place in self.members[cluster]]

    def decide(self, links: Iterable[Link]) -> None:
        """Newest first: unite what people called the same, bar what they called different, whatever the evidence says."""
        for link in sorted(links, key=lambda each: (-each.decision, each.same, each.left, each.right)):
            a, b = self.of[link.left], self.of[link.right]
            if a != b and not link.same:
                self._apart |= {(a, b), (b, a)}
            elif a != b and (a, b) not in self._apart:
                self.unite(a, b)
        for a, b in self._apart:
            self._barred[a][b] = True

    def agree(self, a: int, b: int, rules: Rules) -> bool:
        """Whether everything known of two clusters, taken together, speaks for one person."""
        if self._barred[a][b]:
            return False
        one, other = len(self.members[a]), len(self.members[b])
        least = rules.loose * one * other if one + other > rules.loose_from else 0.0
        return self._bits[a][b] > least

    def unite(self, a: int, b: int) -> None:
        """One cluster under the name of the larger."""
        if len(self.members[a]) < len(self.members[b]):
            a, b = b, a
        for place in self.members[b]:
            self.of[place] = a
        self.members[a] += self.members.pop(b)
        mine, theirs, bars, more = self._bits[a], self._bits[b], self._barred[a], self._barred[b]
        for other in self.members:
            if other != a:
                mine[other] = self._bits[other][a] = mine[other] + theirs[other]
                bars[other] = self._barred[other][a] = bars[other] or more[other]
        self._apart |= {(a, other) for one, other in self._apart if one == b}
        self._apart |= {(one, a) for one, other in self._apart if other == b}
