"""A table of people as arrays: each column holds codes into its distinct values, so that text is handled once. Pure.

Rows stand in a canonical order (by what they say), so that nothing computed from a table depends on the order of its
source; `Table.order` leads back to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from operator import lt

import numpy as np
from numpy.typing import NDArray

from crm360.identity.engine.workers import applied

Codes = NDArray[np.int32]
MISSING = -1
#: Stands between the values of a cell that holds several (a contact's two mailboxes), which are in alphabetical order.
SET_MARK = "\x1f"


@dataclass(frozen=True, slots=True)
class Column:
    """Codes into distinct values, MISSING where a row says nothing."""

    codes: Codes
    values: tuple[str, ...]

    @property
    def present(self) -> NDArray[np.bool_]:
        return self.codes >= 0

    @property
    def several(self) -> NDArray[np.bool_]:
        """Of each distinct value whether it is a set of several."""
        if SET_MARK not in "".join(self.values):  # as in most tables
            return np.zeros(len(self.values), dtype=np.bool_)
        return np.fromiter((SET_MARK in value for value in self.values), dtype=np.bool_, count=len(self.values))

    def counts(self) -> NDArray[np.int64]:
        """How many rows carry each distinct value."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` by field, all of `rows` rows in canonical order; `order[i]` is the source position of row i."""

    rows: int
    columns: Mapping[str, Column]
    order: NDArray[np.int64]

    def __contains__(self, field: str) -> bool:
        return field in self.columns

    def __getitem__(self, field: str) -> Column:
        return self.columns[field]


def factorise(raw: Sequence[str | None]) -> Column:
    """Codes of `raw` in order of first appearance; None and "" are missing."""
    place: defaultdict[str | None, int] = defaultdict(count().__next__)
    place |= {None: MISSING, "": MISSING}
    codes = np.fromiter(map(place.__getitem__, raw), dtype=np.int32, count=len(raw))
    return Column(codes, tuple(filter(None, place)))


def in_order(raw: Sequence[str | None], values: tuple[str, ...] | None = None) -> Column:
    """Codes of `raw` in alphabetical order of what it holds, or of `values` that hold it; None and "" are missing."""
    known = alphabetical(raw) if values is None else values
    place: dict[str | None, int] = dict(zip(known, range(len(known)), strict=True))
    place |= {None: MISSING, "": MISSING}
    return Column(np.fromiter(map(place.__getitem__, raw), dtype=np.int32, count=len(raw)), known)


def alphabetical(raw: Iterable[str | None]) -> tuple[str, ...]:
    """The distinct values, in alphabetical order."""
    return tuple(sorted(filter(None, set(raw))))


def mapped(column: Column, change: Callable[[str], str | None]) -> Column:
    """The column with every distinct value changed once; values that became one share a code, None is missing."""
    made = factorise(applied(change, column.values))
    return Column(recoded(column.codes, made.codes), made.values)


def chosen(where: NDArray[np.bool_], one: Column, other: Column) -> Column:
    """The cells of `one` where it is so, those of `other` elsewhere."""
    if not where.any():
        return other
    moved = np.where(one.codes >= 0, one.codes + len(other.values), MISSING).astype(np.int32)
    both = Column(np.where(where, moved, other.codes).astype(np.int32), (*other.values, *one.values))
    return mapped(both, str)


def recoded(codes: Codes, moved: Codes) -> Codes:
    """`codes` led through `moved` (old code → new one), missing staying missing."""
    return np.append(moved, np.int32(MISSING))[codes]


def sorted_values(column: Column) -> Column:
    """The column with its distinct values in alphabetical order: codes that do not depend on the order of rows."""
    values = column.values
    if all(map(lt, values, islice(values, 1, None))):
        return column
    order = sorted(range(len(values)), key=values.__getitem__)
    place = np.empty(len(values), dtype=np.int32)
    place[order] = np.arange(len(values), dtype=np.int32)
    return Column(recoded(column.codes, place), tuple(map(values.__getitem__, order)))


def together(one: Column, other: Column) -> tuple[Column, Column]:
    """Both columns on one set of values, so that their codes can be compared with each other."""
    values = alphabetical((*one.values, *other.values))
    return (
        Column(recoded(one.codes, in_order(one.values, values).codes), values),
        Column(recoded(other.codes, in_order(other.values, values).codes), values),
    )


def combined(columns: Sequence[Column]) -> NDArray[np.uint64]:
    """One number per row for the values of several columns together, 0 where any of them is missing."""
    key = np.zeros(len(columns[0].codes), dtype=np.uint64)
    complete = np.ones(len(key), dtype=np.bool_)
    for place, column in enumerate(columns, 1):
        complete &= column.codes >= 0
        key += _mixed(np.arange(len(column.values) + 1, dtype=np.uint64) + np.uint64(place << 40))[column.codes]
    key[key == 0] = 1
    key[~complete] = 0
    return key


def _mixed(key: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """splitmix64's finaliser (Steele, Lea and Flood 2014): spreads neighbouring numbers over all 64 bits."""
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))


def distinct_rows(codes: Sequence[Codes]) -> tuple[list[Codes], NDArray[np.int64]]:
    """The distinct combinations of several columns' codes, in order, and which of them each row has."""
    key = np.zeros(len(codes[0]), dtype=np.int64)
    for one in codes:
        width = int(one.max(initial=MISSING)) + 2
        if int(key.max(initial=0)) * width > 2**62:
            key = np.unique(key, return_inverse=True)[1].reshape(-1)
        key = key * width + (one + 1)
    _, first, back = np.unique(key, return_index=True, return_inverse=True)
    return [one[first] for one in codes], back.reshape(-1)


def canonical(columns: Mapping[str, Column], keys: Sequence[str | int] | None = None) -> Table:
    """The table in canonical order: by `keys` (a different one per row, e.g. record ids), else by all it says."""
    ordered = {field: sorted_values(columns[field]) for field in sorted(columns)}
    rows = len(next(iter(ordered.values())).codes) if ordered else len(keys or ())
    if keys is not None:
        order = np.array(sorted(range(rows), key=keys.__getitem__), dtype=np.int64)
    else:
        order = np.lexsort([column.codes for column in ordered.values()])
    moved = {field: Column(column.codes[order], column.values) for field, column in ordered.items()}
    return Table(rows, moved, order)
