"""Values of a table that belong to many people: learned from the clearly different names seen with them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from crm360.identity import guards
from crm360.identity.engine import workers
from crm360.identity.engine.table import MISSING, SET_MARK, Column, distinct_rows

#: Identifiers that can be shared; a state's number names one person however badly the names beside it are spelt.
KINDS = ("email", "phone", "card", "customer_id", "chat_id")
#: The column of the names seen with a row (`given|family`, a set).
NAMES = "names"


def shared(columns: Mapping[str, Column]) -> dict[str, frozenset[str]]:
    """By kind the values that are nobody's own; those of a function (info@) are known by their look."""
    kinds = [kind for kind in KINDS if kind in columns]
    names = columns.get(NAMES) or _names(columns, _crowded([columns[kind] for kind in kinds]))
    worth = any(len(columns[kind].codes) >= workers.WORTH for kind in kinds)
    return dict(
        zip(kinds, workers.done([partial(_of_kind, columns[kind], names) for kind in kinds], worth=worth), strict=True)
    )


def _crowded(identifiers: Sequence[Column]) -> NDArray[np.bool_]:
    """Rows whose names may matter: fewer than `guards.SHARED_FROM` carriers of a value have fewer names."""
    rows = np.zeros(len(identifiers[0].codes) if identifiers else 0, dtype=np.bool_)
    for column in identifiers:
        many = column.counts() >= guards.SHARED_FROM
        rows |= column.present if column.several.any() else np.append(many, False)[column.codes]
    return rows


def _names(columns: Mapping[str, Column], wanted: NDArray[np.bool_]) -> Column | None:
    """The own name of each row `wanted` where nothing else is known."""
    one, other = columns.get("given"), columns.get("family")
    if one is None or other is None:
        return None
    named = np.flatnonzero((one.present | other.present)[: len(wanted)] & wanted)
    pairs, back = np.unique(
        one.codes[named].astype(np.int64) * (len(other.values) + 1) + other.codes[named] + 1, return_inverse=True
    )
    givens, families = (*one.values, ""), (*other.values, "")
    at = [divmod(pair, len(other.values) + 1) for pair in pairs.tolist()]
    codes = np.full(len(one.codes), MISSING, dtype=np.int32)
    codes[named] = back.reshape(-1)
    return Column(codes, tuple(f"{givens[a]}|{families[b - 1]}" for a, b in at))


def _of_kind(column: Column, names: Column | None) -> frozenset[str]:
    values, code, row = _elements(column)
    carriers = np.bincount(code, minlength=len(values))
    found = {values[at] for at in np.flatnonzero(carriers > guards.MANY_CARRIERS).tolist()}
    if names is None:
        return frozenset(found)
    known = names.codes[row] >= 0
    (value_of, name_of), _ = distinct_rows([code[known], names.codes[row[known]]])
    at, starts, counts = np.unique(value_of, return_index=True, return_counts=True)
    sets = names.several
    worth = counts >= guards.SHARED_FROM
    if sets.any():
        worth |= np.maximum.reduceat(sets[name_of], starts) if len(starts) else worth
    for value, start, count in zip(at[worth].tolist(), starts[worth].tolist(), counts[worth].tolist(), strict=True):
        each = [names.values[name].split(SET_MARK) for name in name_of[start : start + count].tolist()]
        if guards.is_shared(each):
            found.add(values[value])
    return frozenset(found)


def _elements(column: Column) -> tuple[Sequence[str], np.ndarray, np.ndarray]:
    """Single values, and for each mention its number and its row; a set mentions each of its values."""
    rows = np.flatnonzero(column.present)
    codes = column.codes[rows].astype(np.int64)
    several = column.several
    if not several.any():
        return column.values, codes, rows
    single = ~several[codes]
    place = {value: at for at, value in enumerate(column.values)}
    more_codes, more_rows = [], []
    for code, row in zip(codes[~single].tolist(), rows[~single].tolist(), strict=True):
        for value in column.values[code].split(SET_MARK):
            more_codes.append(place.setdefault(value, len(place)))
            more_rows.append(row)
    return (
        tuple(place),
        np.concatenate([codes[single], np.array(more_codes, dtype=np.int64)]),
        np.concatenate([rows[single], np.array(more_rows, dtype=np.int64)]),
    )
