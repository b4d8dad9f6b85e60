"""Drawings of the insights pages: cohorts as a heat table, RFM as a grid, journeys as a Sankey diagram. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from crm360.insights.journeys import ORDER

#: Shades of one colour, 0 for nothing.
SHADES = 8
CELL_WIDTH, CELL_HEIGHT, HEAD_WIDTH, HEAD_HEIGHT = 46, 26, 116, 24
MOST_COHORTS, MOST_AGES = 18, 18


@dataclass(frozen=True, slots=True)
class Cell:
    """A rectangle with its share (0 to 1) and shade."""

    x: int
    y: int
    share: float
    shade: int
    count: int
    age: int


class Row(NamedTuple):
    """A cohort with its cells; `y` the middle of its line."""

    cohort: Mapping[str, Any]
    y: int
    cells: list[Cell]


class Heat(NamedTuple):
    """A heat table of `width` × `height`."""

    rows: list[Row]
    ages: list[tuple[int, int]]
    width: int
    height: int


def heat(cohorts: Sequence[Mapping[str, Any]]) -> Heat:
    """The last cohorts, their months beside each other. The first month is everybody and not shaded."""
    shown = list(cohorts)[-MOST_COHORTS:]
    ages = min(max((len(cohort["active"]) for cohort in shown), default=0), MOST_AGES)
    top = max((count / cohort["size"] for cohort in shown for count in cohort["active"][1:MOST_AGES]), default=1) or 1
    rows = []
    for place, cohort in enumerate(shown):
        y = HEAD_HEIGHT + place * CELL_HEIGHT
        cells = [_cell(cohort, age, y, top) for age in range(min(len(cohort["active"]), MOST_AGES))]
        rows.append(Row(cohort, y + CELL_HEIGHT // 2, cells))
    columns = [(age, HEAD_WIDTH + age * CELL_WIDTH + CELL_WIDTH // 2) for age in range(ages)]
    return Heat(rows, columns, HEAD_WIDTH + ages * CELL_WIDTH, HEAD_HEIGHT + len(shown) * CELL_HEIGHT)


def _cell(cohort: Mapping[str, Any], age: int, y: int, top: float) -> Cell:
    count = cohort["active"][age]
    part = count / cohort["size"]
    return Cell(HEAD_WIDTH + age * CELL_WIDTH, y, part, shade(part, top) if age else 0, count, age)


def shade(part: float, top: float) -> int:
    """1 to 7 for what there is, in equal steps up to `top`; 0 for nothing."""
    return 0 if part <= 0 else min(1 + int(part / top * (SHADES - 1)), SHADES - 1)


@dataclass(frozen=True, slots=True)
class Node:
    """A step at a place of the journeys: a rectangle, and how many go through it."""

    step: str
    place: int
    count: int
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Band:
    """A flow between two nodes: the path of a band as SVG draws it, and how many go along."""

    one: str
    other: str
    place: int
    count: int
    path: str


@dataclass(frozen=True, slots=True)
class Sankey:
    nodes: list[Node]
    bands: list[Band]

    @property
    def height(self) -> int:
        """Of everything drawn, names below small nodes included."""
        return int(max((node.y + max(node.height, 14) for node in self.nodes), default=0)) + 6


SANKEY_WIDTH, SANKEY_HEIGHT, NODE_WIDTH, GAP = 960, 420, 12, 17


def sankey(links: Sequence[Sequence[Any]]) -> Sankey:
    """Lay out [place, from, to, count] links; `to` "" is where journeys end, and is drawn as what is missing."""
    counts: defaultdict[tuple[int, str], int] = defaultdict(int)
    inward: defaultdict[tuple[int, str], int] = defaultdict(int)
    for place, one, other, count in links:
        counts[place, one] += count
        if other:
            inward[place + 1, other] += count
    for key, count in inward.items():
        counts[key] = max(counts[key], count)
    nodes = _nodes(counts)
    return Sankey(list(nodes.values()), _bands(links, nodes))


def _nodes(counts: Mapping[tuple[int, str], int]) -> dict[tuple[int, str], Node]:
    places = sorted({place for place, _ in counts})
    whole = max((sum(count for (at, _), count in counts.items() if at == place) for place in places), default=1)
    columns = max(len(places) - 1, 1)
    scale = (SANKEY_HEIGHT - GAP * len(ORDER)) / whole
    found = {}
    for place in places:
        y = 0.0
        for step in ORDER:
            if count := counts.get((place, step)):
                height = max(count * scale, 1.5)
                x = place * (SANKEY_WIDTH - NODE_WIDTH - 110) / columns
                found[place, step] = Node(step, place, count, round(x, 1), round(y, 1), round(height, 1))
                y += height + GAP
    return found


def _bands(links: Sequence[Sequence[Any]], nodes: Mapping[tuple[int, str], Node]) -> list[Band]:
    left: defaultdict[tuple[int, str], float] = defaultdict(float)
    right: defaultdict[tuple[int, str], float] = defaultdict(float)
    found = []
    ranked = sorted(
        (link for link in links if link[2]), key=lambda link: (link[0], ORDER.index(link[1]), ORDER.index(link[2]))
    )
    for place, one, other, count in ranked:
        start, end = nodes[place, one], nodes[place + 1, other]
        height = count / start.count * start.height
        y1, y2 = start.y + left[place, one], end.y + right[place + 1, other]
        left[place, one] += height
        right[place + 1, other] += height
        found.append(Band(one, other, place, count, _path(start.x + NODE_WIDTH, y1, end.x, y2, height)))
    return found


def _path(x1: float, y1: float, x2: float, y2: float, height: float) -> str:
    middle = (x1 + x2) / 2
    return (
        f"M{x1:.1f},{y1:.1f} C{middle:.1f},{y1:.1f} {middle:.1f},{y2:.1f} {x2:.1f},{y2:.1f} "
        f"L{x2:.1f},{y2 + height:.1f} C{middle:.1f},{y2 + height:.1f} {middle:.1f},{y1 + height:.1f} {x1:.1f},{y1 + height:.1f} Z"
    )


@dataclass(frozen=True, slots=True)
class Square:
    """A cell of the RFM grid."""

    recency: int
    frequency: int
    x: int
    y: int
    count: int
    spend: Mapping[str, int]
    shade: int


SQUARE_WIDTH, SQUARE_HEIGHT, GRID_LEFT, GRID_TOP = 112, 64, 92, 8


def grid(cells: Mapping[tuple[int, int], tuple[int, Mapping[str, int]]]) -> list[Square]:
    """(recency, frequency) → (customers, spend by currency) as 25 squares: recency to the right, frequency upwards."""
    top = max((count for count, _ in cells.values()), default=1) or 1
    return [
        Square(
            recency, frequency, GRID_LEFT + (recency - 1) * SQUARE_WIDTH, GRID_TOP + (5 - frequency) * SQUARE_HEIGHT,
            *cells.get((recency, frequency), (0, {})), shade(cells.get((recency, frequency), (0, {}))[0] / top, 1),
        )
        for frequency in range(5, 0, -1)
        for recency in range(1, 6)
    ]  # fmt: skip
