"""Pairs of a table that cannot be one person whatever else agrees: `guards.conflict` for millions of pairs. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from crm360.identity import guards
from crm360.identity.engine.levels import Levels, Rows, level_names
from crm360.identity.engine.table import SET_MARK, Column

Bools = NDArray[np.bool_]

_NUMBERS: Mapping[str, Callable[[str], bool]] = {"national_id": guards.is_pesel, "tax_id": guards.is_nip}


def barred(
    columns: Mapping[str, Column], found: Mapping[str, Levels], left: Rows, right: Rows, kinds: Collection[str]
) -> Bools:
    """Whether each pair has a conflict of one of `kinds` (see guards.CONFLICTS)."""
    bars = np.zeros(len(left), dtype=np.bool_)
    for kind, is_one in _NUMBERS.items():
        if kind in kinds and kind in columns:
            bars |= _disjoint(columns[kind], is_one, left, right)
    if "birth_date" in kinds and "birth_date" in found:
        apart = found["birth_date"] == level_names("birth_date").index("different")
        if "national_id" in found:
            names = level_names("national_id")
            apart &= (found["national_id"] != names.index("same")) & (
                found["national_id"] != names.index("shared by many")
            )
        bars |= apart
    return bars


def _disjoint(column: Column, is_one: Callable[[str], bool], left: Rows, right: Rows) -> Bools:
    """Pairs whose sides both have valid numbers and none in common."""
    held = [frozenset(filter(is_one, value.split(SET_MARK))) for value in column.values]
    some = np.array([bool(numbers) for numbers in held] + [False])
    one, other = column.codes[left], column.codes[right]
    apart = some[one] & some[other] & (one != other)
    several = column.several
    if several.any():
        at = np.flatnonzero(apart)
        at = at[several[one[at]] | several[other[at]]]
        apart[at] = [held[a].isdisjoint(held[b]) for a, b in zip(one[at].tolist(), other[at].tolist(), strict=True)]
    return apart
