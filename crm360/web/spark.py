"""A sparkline of purchases: money per month as bars, drawn by the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 270, 48
GAP = 3.0
LOWEST = 2.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One month: `x`, `y`, `width`, `height` in SVG units of a WIDTH × HEIGHT box."""

    year: int
    month: int
    minor: int
    x: float
    y: float
    width: float
    height: float

    @property
    def on(self) -> date:
        return date(self.year, self.month, 1)


def bars(months: Sequence[tuple[int, int, int]]) -> list[Bar]:
    """Bars for (year, month, net minor units), oldest first, the highest as high as the box."""
    top = max(1, *(minor for _, _, minor in months))
    return [_bar(index, len(months), *month, top) for index, month in enumerate(months)]


def _bar(index: int, count: int, year: int, month: int, minor: int, top: int) -> Bar:
    height = max(LOWEST, round(HEIGHT * minor / top, 1)) if minor > 0 else LOWEST
    width = round(WIDTH / count - GAP, 1)
    return Bar(year, month, minor, round(index * WIDTH / count, 1), round(HEIGHT - height, 1), width, height)
