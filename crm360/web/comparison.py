"""Two customers side by side: what is the same, what differs, what a merge would add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from crm360.profiles import survivorship

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
    one, other, both = ({name: str(said["value"]) for name, said in fields.items()} for fields in (left, right, result))
    names = [name for name in order if name in one or name in other]
    return [
        Line(name, one.get(name, ""), other.get(name, ""), both.get(name, ""), _likeness(name, one, other))
        for name in names
    ]


@dataclass(frozen=True, slots=True)
class Points:
    """The contact points of one kind on both sides: each as shown, with whether both sides have it. All are kept."""

    kind: str
    left: tuple[tuple[str, bool], ...]
    right: tuple[tuple[str, bool], ...]


def points(left: Iterable[Any], right: Iterable[Any], order: Iterable[str]) -> list[Points]:
    """Identifiers (`kind`, `value`) of both sides kind by kind, devices left out."""
    sides = (list(left), list(right))
    found = []
    for kind in order:
        mine, theirs = (list(dict.fromkeys(each.value for each in side if each.kind == kind)) for side in sides)
        if kind != "device" and (mine or theirs):
            shared = set(mine) & set(theirs)
            one, other = (tuple((value, value in shared) for value in side) for side in (mine, theirs))
            found.append(Points(kind, one, other))
    return found


def _likeness(name: str, left: Mapping[str, str], right: Mapping[str, str]) -> Likeness:
    if left.get(name) and right.get(name):
        return "same" if survivorship.same(name, left, right) else "differs"
    return "kept" if left.get(name) else "added"
