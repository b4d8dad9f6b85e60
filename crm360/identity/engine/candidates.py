"""Which pairs of a table are compared at all: those that share a key of one of the rules. Pure.

Rare values first: what many share tells nobody apart, so a block beyond its rule's limit proposes nothing (Christen
2012, Data Matching, ch. 4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import product

import numpy as np
from numpy.typing import NDArray

from crm360.identity.engine import derived, workers
from crm360.identity.engine.rules import Rule
from crm360.identity.engine.table import SET_MARK, Column, combined

Pairs = NDArray[np.uint64]
Keys = NDArray[np.uint64]

#: Rules are tried and propose side by side; numpy works outside the interpreter's lock.
THREADS = 2


@dataclass(frozen=True, slots=True)
class Source:
    """The columns of a table, those made for blocking made once."""

    columns: Mapping[str, Column]
    rows: int
    #: row of each line, where rows with sets of values take a line for each combination of them
    owner: NDArray[np.int32] | None = None
    _made: dict[str, Column | None] = field(default_factory=dict)

    @classmethod
    def of(cls, columns: Mapping[str, Column], rows: int) -> Source:
        """The source of a table whose cells may be sets."""
        return cls(*unfolded(columns, rows))

    def keys(self, names: Sequence[str]) -> Keys | None:
        """A number per row for what it says in all columns called `names`, 0 where it lacks one; None without them."""
        found = self.parts(names)
        return combined(found) if found else None

    def parts(self, names: Sequence[str]) -> list[Column] | None:
        """The columns called `names`, by line; None when the table lacks one."""
        found = [self._column(name) for name in names]
        return [one for one in found if one] if all(found) else None

    def holds(self, name: str, values: Collection[str]) -> NDArray[np.bool_]:
        """Lines whose value in column `name` is one of these."""
        column = self.columns[name]
        among = np.array([*(value in values for value in column.values), False])
        return np.asarray(among[column.codes])

    def make_ready(self) -> None:
        """Make every column that blocking may need; text is changed by several processes where it is much."""
        names = [name for name, (source, _) in derived.FUNCTIONS.items() if source in self.columns]
        tasks = [partial(derived.column, self.columns, name) for name in names]
        made = workers.done(tasks, worth=self.rows >= workers.WORTH)
        self._made.update(zip(names, made, strict=True))

    def _column(self, name: str) -> Column | None:
        if name not in self._made and name in derived.ORDERED:
            self._made[name] = derived.ordered(name, *map(self._column, derived.SKELETONS))
        elif name not in self._made:
            self._made[name] = derived.column(self.columns, name)
        return self._made[name]


def find(source: Source, rules: Iterable[Rule], shared: Mapping[str, Collection[str]] | None = None) -> Pairs:
    """Every candidate pair once, as `left * rows + right` with left < right, ascending.

    `shared`: by kind the identifier values that belong to many; having one in common proposes nobody.
    """
    found = np.empty(0, dtype=np.uint64)
    waiting: list[Pairs] = []
    with ThreadPoolExecutor(THREADS) as pool:
        for pairs in pool.map(partial(_proposed, source, shared or {}), rules):
            waiting.append(pairs)
            if sum(map(len, waiting)) > max(len(found), 2_000_000):
                found, waiting = union([found, *waiting]), []
    return union([found, *waiting])


def _proposed(source: Source, shared: Mapping[str, Collection[str]], rule: Rule) -> Pairs:
    """The pairs of one rule."""
    keys = source.keys(rule.columns)
    if keys is None:
        return np.empty(0, dtype=np.uint64)
    if len(rule.columns) == 1 and (many := shared.get(rule.columns[0])):
        keys = np.where(source.holds(rule.columns[0], many), np.uint64(0), keys)
    return _pairs(keys, source, rule.limit)


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


def _pairs(keys: Keys, source: Source, limit: int) -> Pairs:
    row, starts, sizes = blocks(keys, source.owner)
    inside = (sizes > 1) & (sizes <= limit)
    return pairs_within(row, starts[inside], sizes[inside], source.rows)


def blocks(
    keys: Keys, owner: NDArray[np.int32] | None = None
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Rows that have a key, in order of it, then where each block starts and how many rows it has.

    `owner` leads from the lines `keys` were made of to rows; a row stands in a block once.
    """
    present = np.flatnonzero(keys).astype(np.int32)
    own = keys[present]
    if owner is None:
        order = np.argsort(own)
        own = own[order]
    else:
        present = owner[present]
        order = np.lexsort((present, own))
        own, mine = own[order], present[order]
        once = np.append(True, (own[1:] != own[:-1]) | (mine[1:] != mine[:-1])) if len(own) else own > 0
        own, order = own[once], order[once]
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


def unfolded(columns: Mapping[str, Column], rows: int) -> tuple[Mapping[str, Column], int, NDArray[np.int32] | None]:
    """Columns without sets, the number of rows, and the row of each line (None where no cell is a set)."""
    sets = {name: column for name, column in columns.items() if column.several.any()}
    if not sets:
        return columns, rows, None
    folded = np.zeros(rows, dtype=np.bool_)
    for column in sets.values():
        folded |= column.present & column.several[column.codes]
    places = {name: {value: at for at, value in enumerate(column.values)} for name, column in sets.items()}
    owner, codes = (
        np.flatnonzero(~folded).tolist(),
        {name: column.codes[~folded].tolist() for name, column in sets.items()},
    )
    for row in np.flatnonzero(folded).tolist():
        options = [_elements(column, int(column.codes[row]), places[name]) for name, column in sets.items()]
        for line in product(*options):
            owner.append(row)
            for name, code in zip(sets, line, strict=True):
                codes[name].append(code)
    of = np.array(owner, dtype=np.int32)
    plain = {name: Column(column.codes[of], column.values) for name, column in columns.items() if name not in sets}
    split = {name: Column(np.array(codes[name], dtype=np.int32), tuple(places[name])) for name in sets}
    return {**plain, **split}, rows, of


def _elements(column: Column, code: int, place: dict[str, int]) -> list[int]:
    """Codes of the single values of a cell; values without a code of their own get one."""
    if code < 0:
        return [code]
    return [place.setdefault(value, len(place)) for value in column.values[code].split(SET_MARK)]
