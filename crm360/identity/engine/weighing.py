"""From levels to the match weight of each pair in bits, rare values counting more. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from crm360.identity.engine.estimating import SHARED, Estimate, Patterns, log_likelihood
from crm360.identity.engine.levels import Levels, Rows, level_names
from crm360.identity.engine.model import Model, RarityTable
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
#: Weights are multiples of 1/GRID bit: sums of them are exact, whatever their order.
GRID = 1024
#: Fields that are a person's own.
PERSONAL = ("given_name", "birth_date", "national_id", "customer_id")
#: Bits from which a disagreement is a contradiction.
CONTRADICTION = -5.5
#: Bits a rare value adds at most: names come in families, and errors are rare values too.
MOST_RARE = 4.0
#: People the guess for a value nobody else has stands for.
_PRIOR_WEIGHT = 0.25


def rarities(columns: Mapping[str, Column], known: Estimate) -> tuple[RarityTable, ...]:
    """How much more or less than its field's average each value says, as tables for the model."""
    repeats = 1.0 + known.person * max(len(next(iter(columns.values())).codes) - 1, 0)
    return tuple(
        _table(field, name, level, columns[name], known, repeats)
        for field, sources in RARITY.items()
        for name, level in sources
        if field in known.u and name in columns
    )


def _table(field: str, name: str, level: int, column: Column, known: Estimate, repeats: float) -> RarityTable:
    average = float(known.u[field][level])
    frequency = _frequency(column.counts(), average, repeats)
    bits = np.round(np.minimum(np.log2(average / frequency), MOST_RARE), 1)
    other = float(bits.max(initial=0.0))
    common = np.flatnonzero(bits < other).tolist()
    values = {column.values[code]: float(bits[code]) for code in common}
    return RarityTable(field, name, level_names(field)[level], other, values)


def _frequency(counts: NDArray[np.int64], average: float, repeats: float) -> Floats:
    """How likely a stranger has each value: the other people who have it, drawn towards a rare value's share.

    Rows of one person repeat its values, so people are counted as rows over `repeats` (rows per person).
    """
    people = max(counts.sum() / repeats, 1.0)
    others = np.maximum(counts / repeats - 1.0, 0.0)
    rare = min(average, 0.5 / people)
    return (others + _PRIOR_WEIGHT) / (people + _PRIOR_WEIGHT / rare)


def weigh(
    found: Patterns, levels: Mapping[str, Levels], columns: Mapping[str, Column], left: Rows, model: Model
) -> Floats:
    """Match weight of every pair: log2 odds that it is one person, households considered, prior included.

    `left` are the pairs' left rows, to look up the values both rows agree on.
    """
    known = model.estimate
    stranger = max(1.0 - known.person - known.household, 1e-9)
    base = log_likelihood(found, known.u)
    person = (log_likelihood(found, known.m) - base + np.log2(known.person / stranger))[found.of_pair]
    household = (log_likelihood(found, known.h) - base + np.log2(known.household / stranger))[found.of_pair]
    for table in model.rarities:
        if table.field not in levels or table.column not in columns:
            continue
        column = columns[table.column]
        value_bits = np.array([table.values.get(value, table.other) for value in column.values])
        at = np.flatnonzero(levels[table.field] == level_names(table.field).index(table.level))
        at = at[column.codes[left[at]] >= 0]
        bits = value_bits[column.codes[left[at]]]
        person[at] += bits
        if table.field in SHARED:
            household[at] += bits
    return np.round((person - np.logaddexp2(0.0, household)) * GRID) / GRID


def contradictions(found: Patterns, known: Estimate) -> NDArray[np.bool_]:
    """Pairs whose personal fields disagree as people of this table hardly ever do with themselves."""
    against = np.zeros(len(found.levels), dtype=np.bool_)
    for at, field in enumerate(found.fields):
        if field in PERSONAL and field in known.m:
            bits = np.log2(known.m[field] / known.u[field])
            against |= np.append(bits <= CONTRADICTION, False)[found.levels[:, at]]
    return against[found.of_pair]
