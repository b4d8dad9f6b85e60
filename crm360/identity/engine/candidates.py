"""Which pairs of a table are compared at all: those that share a key of one of the rules. Pure.

Rare values first: what many share tells nobody apart, so a block beyond its rule's limit proposes nothing (Christen
2012, Data Matching, ch. 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from crm360.identity.engine import derived
from crm360.identity.engine.rules import Rule
from crm360.identity.engine.table import Column, combined

Pairs = NDArray[np.uint64]
Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Source:
    """The columns of a table, those made for blocking made once."""

    columns: Mapping[str, Column]
    rows: int
    _made: dict[str, Column | None] = field(default_factory=dict)

    def keys(self, names: Sequence[str]) -> Keys | None:
        """A number per row for what it says in all columns called `names`, 0 where it lacks one; None without them."""
        found = [self._column(name) for name in names]
        return combined([one for one in found if one]) if all(found) else None

    def _column(self, name: str) -> Column | None:
        if name not in self._made:
            self._made[name] = derived.column(self.columns, name)
        return self._made[name]


def find(source: Source, rules: Iterable[Rule]) -> Pairs:
    """Every candidate pair once, as `left * rows + right` with left < right, ascending."""
    found = np.empty(0, dtype=np.uint64)
    waiting: list[Pairs] = []
    for rule in rules:
        keys = source.keys(rule.columns)
        if keys is None:
            continue
        waiting.append(_pairs(keys, rule.limit, source.rows))
        if sum(map(len, waiting)) > max(len(found), 2_000_000):
            found, waiting = union([found, *waiting]), []
    return union([found, *waiting])


def ends(pairs: Pairs, rows: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Left and right row of every pair."""
    left, right = np.divmod(pairs, np.uint64(max(rows, 1)))
    return left.astype(np.int32), right.astype(np.int32)


def union(parts: Sequence[Pairs]) -> Pairs:
    """The distinct pairs of all parts, ascending."""
    merged = np.concatenate(parts)
    merged.sort()
    if not len(merged):
        return merged
    first = np.empty(len(merged), dtype=np.bool_)
    first[0] = True
    np.not_equal(merged[1:], merged[:-1], out=first[1:])
    return merged[first]


def _pairs(keys: Keys, limit: int, rows: int) -> Pairs:
    row, starts, sizes = blocks(keys)
    inside = (sizes > 1) & (sizes <= limit)
    return pairs_within(row, starts[inside], sizes[inside], rows)


def blocks(keys: Keys) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Rows that have a key, in order of it, then where each block starts and how many rows it has."""
    present = np.flatnonzero(keys).astype(np.int32)
    own = keys[present]
    order = np.argsort(own)
    own = own[order]
    starts = np.flatnonzero(np.concatenate(([True], own[1:] != own[:-1]))) if len(own) else np.empty(0, np.int64)
    return present[order], starts, np.diff(np.append(starts, len(own)))


def pairs_within(row: NDArray[np.int32], starts: NDArray[np.int64], sizes: NDArray[np.int64], rows: int) -> Pairs:
    """All pairs inside each block of `row`."""
    made: list[Pairs] = [np.empty(0, dtype=np.uint64)]
    for size in np.unique(sizes).tolist():
        members = row[starts[sizes == size][:, None] + np.arange(size)]
        one, other = np.triu_indices(size, 1)
        low = np.minimum(members[:, one], members[:, other]).ravel().astype(np.uint64)
        high = np.maximum(members[:, one], members[:, other]).ravel().astype(np.uint64)
        low *= np.uint64(rows)
        low += high
        made.append(low)
    return np.concatenate(made)
