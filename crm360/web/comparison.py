"""Two customers side by side: what is the same, what differs, what a merge would add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Likeness = Literal["same", "differs", "added", "kept"]


@dataclass(frozen=True, slots=True)
class Line:
    """One field. `likeness`: same on both, differs, added (only the right one has it), kept (only the left one)."""

    field: str
    left: str
    right: str
    result: str
    likeness: Likeness


def lines(
    left: Mapping[str, Any], right: Mapping[str, Any], result: Mapping[str, Any], order: Iterable[str]
) -> list[Line]:
    """Fields (name → {"value"}) of both and of the golden record both would have together, in the given order."""
    names = [name for name in order if name in left or name in right]
    return [_line(name, _value(left, name), _value(right, name), _value(result, name)) for name in names]


def _line(name: str, left: str, right: str, result: str) -> Line:
    return Line(name, left, right, result, _likeness(left, right))


def _likeness(left: str, right: str) -> Likeness:
    if left and right:
        return "same" if left.casefold() == right.casefold() else "differs"
    return "kept" if left else "added"


def _value(fields: Mapping[str, Any], name: str) -> str:
    return str(fields[name]["value"]) if name in fields else ""
