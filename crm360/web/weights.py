"""A model's weights as bars: for each field what each level of agreement says, in bits. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

ROW, HEAD = 28, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One level. `same`, `strangers`: how often it is found in pairs of one person and of strangers; None where unknown.

    `x`, `width` in percent of the drawing, `y` in pixels.
    """

    level: str
    bits: float
    same: float | None
    strangers: float | None
    x: float
    width: float
    y: int


@dataclass(frozen=True, slots=True)
class Field:
    """A field's bars, the strongest first."""

    name: str
    bars: tuple[Bar, ...]
    height: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """All fields on one scale; `zero` in percent."""

    fields: tuple[Field, ...]
    zero: float


def drawing(document: Mapping[str, Any]) -> Drawing:
    """The weights of a model document: learned ({"fields": {field: {level: {"bits", …}}}}) or set by hand ({"weights": …})."""
    levels = _levels(document)
    every = [bits for rows in levels.values() for bits, _, _ in rows.values()]
    low, high = min([0.0, *every]), max([0.0, *every])
    room = (high - low) or 1.0
    zero = -low / room * 100
    strongest = sorted(levels, key=lambda name: -max(bits for bits, _, _ in levels[name].values()))
    return Drawing(tuple(_field(name, levels[name], zero, room) for name in strongest), round(zero, 2))


def _levels(document: Mapping[str, Any]) -> dict[str, dict[str, tuple[float, float | None, float | None]]]:
    if "fields" in document:
        return {
            name: {level: (row["bits"], row["same person"], row["strangers"]) for level, row in rows.items()}
            for name, rows in document["fields"].items()
        }
    return {
        name: {level: (float(bits), None, None) for level, bits in rows.items()}
        for name, rows in document["weights"].items()
    }


def _field(name: str, rows: Mapping[str, tuple[float, float | None, float | None]], zero: float, room: float) -> Field:
    ordered = sorted(rows.items(), key=lambda row: -row[1][0])
    bars = tuple(_bars(ordered, zero, room))
    return Field(name, bars, HEAD + ROW * len(bars))


def _bars(
    rows: Iterable[tuple[str, tuple[float, float | None, float | None]]], zero: float, room: float
) -> Iterable[Bar]:
    for at, (level, (bits, same, strangers)) in enumerate(rows):
        width = abs(bits) / room * 100
        yield Bar(
            level=level, bits=bits, same=same, strangers=strangers, x=round(zero - width if bits < 0 else zero, 2),
            width=round(max(width, 0.2), 2), y=HEAD + ROW * at,
        )  # fmt: skip
