"""What another model or threshold would change, before it is switched on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from crm360.identity import partition


class Change(NamedTuple):
    """Persons before and after that share contacts and differ: the smallest set in which both add up to the same."""

    before: tuple[tuple[int, ...], ...]
    after: tuple[tuple[int, ...], ...]


class Effect(NamedTuple):
    """How many pairs of contacts would join, part, be held for review anew or no longer; and every change."""

    joined: int
    parted: int
    newly_held: int
    no_longer_held: int
    changes: tuple[Change, ...]


def effect(
    before: Sequence[frozenset[int]],
    after: Sequence[frozenset[int]],
    held_before: Iterable[partition.Pair],
    held_after: Iterable[partition.Pair],
) -> Effect:
    """Compare two partitions of the same contacts. Changes that touch most contacts come first."""
    changes = sorted(_changes(before, after), key=lambda c: (-sum(map(len, c.before)), c.before))
    was = {(pair.left, pair.right) for pair in held_before}
    will = {(pair.left, pair.right) for pair in held_after}
    return Effect(
        sum(_pairs(c.after) - _common(c) for c in changes),
        sum(_pairs(c.before) - _common(c) for c in changes),
        len(will - was),
        len(was - will),
        tuple(changes),
    )


def _changes(before: Sequence[frozenset[int]], after: Sequence[frozenset[int]]) -> Iterable[Change]:
    old = {contact: person for person in before for contact in person}
    new = {contact: person for person in after for contact in person}
    seen: set[int] = set()
    for start in sorted(old):
        if start in seen or old[start] == new[start]:
            continue
        reached, frontier = {start}, [start]
        while frontier:
            contact = frontier.pop()
            near = (old[contact] | new[contact]) - reached
            reached |= near
            frontier += near
        seen |= reached
        yield Change(_parts(reached, old), _parts(reached, new))


def _parts(contacts: set[int], person_of: dict[int, frozenset[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(sorted({tuple(sorted(person_of[contact])) for contact in contacts}))


def _pairs(parts: Iterable[Sequence[int]]) -> int:
    return sum(len(part) * (len(part) - 1) // 2 for part in parts)


def _common(change: Change) -> int:
    """Pairs together before and after."""
    return _pairs([tuple(set(one) & set(other)) for one in change.before for other in change.after])
