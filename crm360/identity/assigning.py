"""Which profile id each person gets, so that ids are stable: pure.

The oldest id survives a merge; after a split the larger part keeps it; a contact set that was on its own before gets
its own old id back (an undone merge looks as if it never was).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Standing(NamedTuple):
    """Where a contact is now and where it was first; None for a contact that never had a profile."""

    profile_id: int | None
    home_id: int | None


def assign(
    groups: Sequence[frozenset[int]], standing: Mapping[int, Standing], retired: frozenset[int] = frozenset()
) -> list[int | None]:
    """The profile id for each group, None where a new one must be made.

    `groups` cover every contact of every profile they touch; `retired` are ids out of use that may come back. A group
    with an own retired id to return to leaves the shared id to the others; else the group with most of an id's contacts
    keeps it. Of several ids a group may keep or return to, the oldest stays: what arrived while it was merged, and was
    held apart then, joins it under its own old id.
    """
    homes = [_homes(group, standing, retired) for group in groups]
    claims = _claims(groups, standing, homes)
    chosen: list[int | None] = [None] * len(groups)
    for profile in sorted(claims, reverse=True):
        chosen[claims[profile]] = profile  # of several the oldest, which comes last
    taken = {profile for profile in chosen if profile is not None}
    for index in sorted(range(len(groups)), key=lambda i: min(groups[i])):
        current = chosen[index]
        free = [home for home in homes[index] if home not in taken and (current is None or home < current)]
        if free:
            chosen[index] = free[0]
            taken.add(free[0])
    return chosen


def _homes(group: frozenset[int], standing: Mapping[int, Standing], retired: frozenset[int]) -> list[int]:
    return sorted({home for c in group if (home := standing[c].home_id) is not None and home in retired})


def _claims(
    groups: Sequence[frozenset[int]], standing: Mapping[int, Standing], homes: Sequence[list[int]]
) -> dict[int, int]:
    """profile id in use → the index of the group that keeps it."""
    held: dict[int, dict[int, int]] = {}
    for index, group in enumerate(groups):
        for contact in group:
            if (profile := standing[contact].profile_id) is not None:
                counts = held.setdefault(profile, {})
                counts[index] = counts.get(index, 0) + 1
    return {profile: _keeper(counts, groups, homes) for profile, counts in held.items()}


def _keeper(counts: Mapping[int, int], groups: Sequence[frozenset[int]], homes: Sequence[list[int]]) -> int:
    return min(counts, key=lambda index: (bool(homes[index]), -counts[index], min(groups[index])))
