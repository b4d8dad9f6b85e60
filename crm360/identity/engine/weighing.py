"""From levels to the match weight of each pair in bits, rare values counting more. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm360.identity.engine.estimating import SHARED, Estimate, Patterns, log_likelihood
from crm360.identity.engine.levels import Levels, Rows
from crm360.identity.engine.table import Column

Floats = NDArray[np.float64]

#: field → (column, level) whose agreement on a rare value says more than on a common one
RARITY: dict[str, tuple[tuple[str, int], ...]] = {
    "given_name": (("given", 0),),
    "family_name": (("family", 0),),
    "birth_date": (("birth_date", 0),),
    "address": (("postcode", 2), ("city", 3)),
    "birth_place": (("birth_place", 0),),
    "job_title": (("job_title", 0),),
}
#: A value counts as seen by this many people at least.
_RAREST = 2.0


@dataclass(frozen=True, slots=True)
class Rarity:
    """Bits each value adds (+) or takes (-) when two rows agree on it, for one level of a field."""

    field: str
    column: str
    level: int
    bits: Floats


def rarities(columns: Mapping[str, Column], known: Estimate) -> list[Rarity]:
    """How much more or less than its field's average each value says."""
    found: list[Rarity] = []
    for field, sources in RARITY.items():
        for name, level in sources:
            if field in known.u and name in columns:
                counts = columns[name].counts()
                frequency = np.maximum(counts, _RAREST) / max(counts.sum(), 1)
                average = known.u[field][level]
                found.append(Rarity(field, name, level, np.log2(average / frequency)))
    return found


def weigh(
    found: Patterns, levels: Mapping[str, Levels], columns: Mapping[str, Column], left: Rows, right: Rows,
    known: Estimate,
) -> Floats:  # fmt: skip
    """Match weight of every pair: log2 odds that it is one person, households considered, prior included."""
    stranger = max(1.0 - known.person - known.household, 1e-9)
    base = log_likelihood(found, known.u)
    person = (log_likelihood(found, known.m) - base + np.log2(known.person / stranger))[found.of_pair]
    household = (log_likelihood(found, known.h) - base + np.log2(known.household / stranger))[found.of_pair]
    for rarity in rarities(columns, known):
        at = np.flatnonzero(levels[rarity.field] == rarity.level)
        bits = rarity.bits[columns[rarity.column].codes[left[at]]]
        person[at] += bits
        if rarity.field in SHARED:
            household[at] += bits
    return person - np.logaddexp2(0.0, household)
