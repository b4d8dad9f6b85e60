"""Values of a table that belong to many people: learned from the clearly different names seen with them. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crm360.identity import guards
from crm360.identity.compared import weak_by_nature
from crm360.identity.engine.table import Column
from crm360.normalise import name

#: Names per value beyond which nobody compares them.
_CROWD = 25


def shared(column: Column, given: Column, family: Column, *, kind: str) -> NDArray[np.bool_]:
    """For each distinct value of `column` whether it is nobody's own."""
    found = np.array([weak_by_nature(kind, value) for value in column.values], dtype=np.bool_)
    named = np.flatnonzero(column.present & (given.present | family.present))
    triples = np.unique(np.stack([one.codes[named] for one in (column, given, family)], axis=1), axis=0)
    values, starts, counts = np.unique(triples[:, 0], return_index=True, return_counts=True)
    givens, families = (*given.values, ""), (*family.values, "")
    for value, start, count in zip(values.tolist(), starts.tolist(), counts.tolist(), strict=True):
        if count < guards.SHARED_FROM or found[value]:
            continue
        names = {f"{givens[g]}|{families[f]}" for _, g, f in triples[start : start + count].tolist()}
        if count > _CROWD or (_apart(names) and guards.distinct_people(names) >= guards.SHARED_FROM):
            found[value] = True
    return found


def _apart(names: set[str]) -> bool:
    """A quick look before the careful one: at least three given names that are not each other's spelling."""
    firsts = {text.partition("|")[0] for text in names} - {""}
    one = next(iter(sorted(firsts)), "")
    return sum(name.same_given(one, other) == "different" for other in firsts) >= guards.SHARED_FROM - 1
