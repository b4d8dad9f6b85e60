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
    if "birth_date" in kinds:
        bars |= _differs(found, "birth_date") & ~_agrees(found, "national_id")
    if "given_name" in kinds:
        apart = _differs(found, "given_name") & ~_agrees(found, "national_id") & ~_agrees(found, "customer_id")
        if "birth_date" in found:
            apart &= ~np.isin(
                found["birth_date"], [level_names("birth_date").index(name) for name in ("same", "close")]
            )
        at = np.flatnonzero(apart & ~bars)
        if len(at):
            bars[at] = _other_names(columns["given"], columns["family"], left[at], right[at])
    return bars


def _other_names(given: Column, family: Column, left: Rows, right: Rows) -> Bools:
    """Whether the given names clearly differ, each combination of names looked at once."""
    codes = np.stack([column.codes[rows] for rows in (left, right) for column in (given, family)], axis=1)
    distinct, back = np.unique(codes, axis=0, return_inverse=True)
    firsts, lasts = (*given.values, ""), (*family.values, "")
    answers = [
        guards.other_given_name((firsts[g], lasts[f]), (firsts[h], lasts[e])) for g, f, h, e in distinct.tolist()
    ]
    return np.array(answers, dtype=np.bool_)[back.reshape(-1)]


def _differs(found: Mapping[str, Levels], field: str) -> Bools:
    if field not in found:
        return np.zeros(len(next(iter(found.values()))), dtype=np.bool_)
    return np.asarray(found[field] == level_names(field).index("different"))


def _agrees(found: Mapping[str, Levels], kind: str) -> Bools:
    """Whether both have one value in common, shared by many or not."""
    if kind not in found:
        return np.zeros(len(next(iter(found.values()))), dtype=np.bool_)
    names = level_names(kind)
    return np.isin(found[kind], (names.index("same"), names.index("shared by many")))


def _disjoint(column: Column, is_one: Callable[[str], bool], left: Rows, right: Rows) -> Bools:
    """Pairs whose sides both have valid numbers and none in common; of each value used it is looked once."""
    if not len(left):
        return np.zeros(0, dtype=np.bool_)
    codes = np.concatenate([column.codes[left], column.codes[right]])
    used, place = np.unique(codes, return_inverse=True)
    said = ["" if code < 0 else column.values[code] for code in used.tolist()]
    held = [frozenset(filter(is_one, value.split(SET_MARK))) for value in said]
    some, several = np.array([bool(numbers) for numbers in held]), np.array([SET_MARK in value for value in said])
    one, other = np.split(place.reshape(-1), 2)
    apart = some[one] & some[other] & (one != other)
    at = np.flatnonzero(apart)
    at = at[several[one[at]] | several[other[at]]]
    apart[at] = [held[a].isdisjoint(held[b]) for a, b in zip(one[at].tolist(), other[at].tolist(), strict=True)]
    return np.asarray(apart, dtype=np.bool_)
