"""How a pair's weight adds up, as bars from the first doubt to the total: positions in percent of the drawing's width. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["prior", "for", "against", "held", "total"]
#: Room at either side for what is written at a line, as a part of the width.
MARGIN = 0.04
ROW, HEAD = 38, 42
#: A difference smaller than this is rounding.
EXACT = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One bar. `bits` is what it adds (the whole for "total"), `sum` what has come together with it.

    `finding` is the evidence row behind it, empty for prior, held and total.
    """

    kind: Kind
    finding: Mapping[str, Any]
    bits: float
    sum: float
    x: float
    width: float
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """The bars and the lines they are held against."""

    steps: tuple[Step, ...]
    zero: float
    review: float
    join: float
    height: int


def waterfall(
    evidence: Sequence[Mapping[str, Any]], total: float, *, prior: float, review: float, join: float
) -> Waterfall:
    """Bars for the findings of a pair of weight `total`: prior, what speaks for, what speaks against, total.

    Where the parts add up to something else than the total, the pair is held back by a rule: a bar of its own.
    """
    spans = list(_spans(evidence, total, prior))
    marks = [0.0, review, join, *(edge for _, _, start, end in spans for edge in (start, end))]
    low, high = min(marks), max(marks)
    room = (high - low) * MARGIN or 1.0

    def at(bits: float) -> float:
        return round(100 * (bits - low + room) / (high - low + 2 * room), 2)

    steps = (
        Step(kind=kind, finding=finding, bits=end - start, sum=end, x=at(min(start, end)),
             width=max(round(abs(at(end) - at(start)), 2), 0.3), y=HEAD + index * ROW)
        for index, (kind, finding, start, end) in enumerate(spans)
    )  # fmt: skip
    return Waterfall(steps=tuple(steps), zero=at(0.0), review=at(review), join=at(join), height=HEAD + ROW * len(spans))


def _spans(
    evidence: Sequence[Mapping[str, Any]], total: float, prior: float
) -> Iterator[tuple[Kind, Mapping[str, Any], float, float]]:
    """(kind, finding, from, to) in bits."""
    yield "prior", {}, 0.0, prior
    reached = prior
    for finding in sorted(evidence, key=lambda each: -each["bits"]):
        kind: Kind = "against" if finding["bits"] < 0 else "for"
        yield kind, finding, reached, reached + finding["bits"]
        reached += finding["bits"]
    if abs(reached - total) > EXACT:
        yield "held", {}, reached, total
    yield "total", {}, 0.0, total
