"""Two customers side by side: what is the same, what differs, what a merge would add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from crm360.web.reach import Reach

Likeness = Literal["same", "differs", "added", "kept"]
RANK: dict[str, int] = {"yes": 2, "service": 1, "no": 0}


@dataclass(frozen=True, slots=True)
class Line:
    """One field. `likeness`: same on both, differs, added (only the right one has it), kept (only the left one)."""

    field: str
    left: str
    right: str
    result: str
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Clash:
    """A channel on which the two gave different answers; `narrower` is the one a rep must respect."""

    channel: str
    left: Reach
    right: Reach
    narrower: Reach


def lines(
    left: Mapping[str, Any], right: Mapping[str, Any], result: Mapping[str, Any], order: Iterable[str]
) -> list[Line]:
    """Fields (name → {"value"}) of both and of the golden record both would have together, in the given order."""
    names = [name for name in order if name in left or name in right]
    return [_line(name, _value(left, name), _value(right, name), _value(result, name)) for name in names]


def clashes(left: Sequence[Reach], right: Sequence[Reach]) -> list[Clash]:
    """Channels on which both were asked and answered differently."""
    other = {each.channel: each for each in right}
    pairs = [(each, other[each.channel]) for each in left if each.channel in other]
    return [
        Clash(mine.channel, mine, theirs, min(mine, theirs, key=lambda each: RANK[each.answer]))
        for mine, theirs in pairs
        if mine.answer != theirs.answer and mine.state and theirs.state
    ]


def _line(name: str, left: str, right: str, result: str) -> Line:
    return Line(name, left, right, result, _likeness(left, right))


def _likeness(left: str, right: str) -> Likeness:
    if left and right:
        return "same" if left.casefold() == right.casefold() else "differs"
    return "kept" if left else "added"


def _value(fields: Mapping[str, Any], name: str) -> str:
    return str(fields[name]["value"]) if name in fields else ""
