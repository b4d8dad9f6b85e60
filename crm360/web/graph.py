"""A person's records as a drawing: where each record stands, which ties hold them together. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

WIDTH, MIDDLE = 720, 360
#: More records than this are told by the table alone.
MOST_DRAWN = 24
MOST_LINES = 80
#: Where on a line its bits may stand, as shares of its length, and how far apart two of them are at least.
LABEL_AT = (0.5, 0.36, 0.64, 0.28, 0.72)
LABEL_ROOM = 40


class Tied(Protocol):
    """A tie between two records, as `identity.ties` gives it."""

    @property
    def left_id(self) -> int: ...
    @property
    def right_id(self) -> int: ...
    @property
    def weight(self) -> float: ...
    @property
    def decision_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Node:
    """A record and its place."""

    contact: Any
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A tie as a line; `label_x`, `label_y`: where its bits are written; `joining`: part of the path that joins."""

    tie: Any
    x1: float
    y1: float
    x2: float
    y2: float
    label_x: float
    label_y: float
    joining: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    height: int


def joining(ties: Iterable[Tied], *, join: float) -> list[Any]:
    """The ties that make the records one person, each needed: sure evidence first, then decisions, then the rest."""
    group: dict[int, int] = {}

    def head(contact: int) -> int:
        while group.setdefault(contact, contact) != contact:
            contact = group[contact]
        return contact

    needed = []
    for tie in sorted(ties, key=lambda tie: _rank(tie, join)):
        one, other = head(tie.left_id), head(tie.right_id)
        if one != other:
            group[one] = other
            needed.append(tie)
    return needed


def drawing(contacts: Sequence[Any], ties: Sequence[Any], path: Sequence[Any]) -> Drawing:
    """The first records on a circle (`contacts` have an `id`), with the strongest ties between them."""
    shown = contacts[:MOST_DRAWN]
    height = 220 if len(shown) < 3 else 440
    nodes = tuple(_node(contact, at, len(shown), height) for at, contact in enumerate(shown))
    places = {node.contact.id: node for node in nodes}
    needed = {id(tie) for tie in path}
    among = [tie for tie in ties if tie.left_id in places and tie.right_id in places]
    ordered = sorted(among, key=lambda tie: (id(tie) not in needed, -tie.weight))[:MOST_LINES]
    lines: list[Line] = []
    for tie in ordered:
        lines.append(_line(tie, places[tie.left_id], places[tie.right_id], id(tie) in needed, lines))
    return Drawing(nodes, tuple(lines), height)


def _rank(tie: Tied, join: float) -> tuple[int, float, int, int]:
    sure = 0 if tie.decision_id is None and tie.weight >= join else 1 if tie.decision_id is not None else 2
    return sure, -tie.weight, tie.left_id, tie.right_id


def _node(contact: Any, at: int, count: int, height: int) -> Node:
    if count == 1:
        return Node(contact, MIDDLE, height / 2)
    angle = math.pi + 2 * math.pi * at / count
    return Node(
        contact, round(MIDDLE + 250 * math.cos(angle), 1), round(height / 2 + (height / 2 - 60) * math.sin(angle), 1)
    )


def _line(tie: Any, one: Node, other: Node, needed: bool, before: Sequence[Line]) -> Line:
    """A tie; its bits stand where none of the path's lines `before` has its own: lines across a circle meet in the middle."""
    spots = [_along(one, other, share) for share in LABEL_AT]
    taken = [(line.label_x, line.label_y) for line in before if line.joining]
    free = (spot for spot in spots if all(math.dist(spot, each) >= LABEL_ROOM for each in taken))
    x, y = next(free, spots[0])
    return Line(tie=tie, x1=one.x, y1=one.y, x2=other.x, y2=other.y, label_x=x, label_y=y, joining=needed)


def _along(one: Node, other: Node, share: float) -> tuple[float, float]:
    return round(one.x + (other.x - one.x) * share, 1), round(one.y + (other.y - one.y) * share, 1)
