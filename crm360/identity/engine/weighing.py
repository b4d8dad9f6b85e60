"""From levels to the match weight of each pair in bits, rare values counting more. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crm360.identity.engine.estimating import SHARED, Estimate, Patterns
from crm360.identity.engine.levels import STRAIGHT, Levels, Rows, level_names
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
#: Fields of a name.
NAMES = frozenset(("given_name", "family_name", "name"))
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


class Weighed(NamedTuple):
    """Of pairs, in bits: the match weight; what the compared fields alone say; whether a field of one's own contradicts.

    `household`: what the chance that they only live together takes off the weight.
    """

    weights: Floats
    fields: Floats
    household: Floats
    contradicts: NDArray[np.bool_]


class Weigher:
    """A model made ready to weigh. Everything it adds up stands on the grid, so no order of adding matters."""

    def __init__(self, model: Model):
        known = model.estimate
        stranger = max(1.0 - known.person - known.household, 1e-9)
        self.prior = float(on_grid(np.log2(known.person / stranger)))
        self._home_prior = float(on_grid(np.log2(known.household / stranger)))
        self.bits = {field: on_grid(np.log2(known.m[field] / known.u[field])) for field in known.m}
        self._home = {field: on_grid(np.log2(known.h[field] / known.u[field])) for field in known.m}
        for bits in (self.bits, self._home):
            if "email" in bits:  # who never saw names beside addresses takes all addresses for evidence
                bits.setdefault("named_email", bits["email"])
            if "name" in bits:  # names that stand where they belong are judged one by one
                bits["name"][level_names("name").index(STRAIGHT)] = 0.0
        self._rarities = model.rarities
        #: Of each table of rare values the bits of one column's values, and which values these are.
        self._looked_up: dict[int, tuple[Sequence[str], Floats]] = {}
        #: What names alone may say at most.
        self._most_by_names = np.inf if model.names_join else float(on_grid(model.join)) - 1 / GRID

    def weigh(
        self, found: Patterns, levels: Mapping[str, Levels], columns: Mapping[str, Column], left: Rows, right: Rows
    ) -> Weighed:
        """log2 odds that each pair is one person, households considered, prior included.

        `left`, `right` are the pairs' rows, to look up the values they agree on.
        """
        fields = self._summed(found, self.bits)[found.of_pair]
        home = (self._home_prior + self._summed(found, self._home))[found.of_pair]
        for table, at, bits in self.rare(levels, columns, left, right):
            fields[at] += bits
            if table.field in SHARED:
                home[at] += bits
        household = -on_grid(np.logaddexp2(0.0, home))
        weights = self.prior + fields + household
        capped = np.where(self._borne_out(found), weights, np.minimum(weights, self._most_by_names))
        return Weighed(capped, fields, household + (capped - weights), self._contradicts(found))

    def _borne_out(self, found: Patterns) -> NDArray[np.bool_]:
        """Pairs for which anything but names speaks."""
        speaks = np.zeros(len(found.levels), dtype=np.bool_)
        for at, field in enumerate(found.fields):
            if field in self.bits and field not in NAMES:
                speaks |= np.append(self.bits[field] > 0, False)[found.levels[:, at]]
        return speaks[found.of_pair]

    def rare(
        self, levels: Mapping[str, Levels], columns: Mapping[str, Column], left: Rows, right: Rows
    ) -> Iterator[tuple[RarityTable, NDArray[np.int64], Floats]]:
        """What rare values add: the table, positions of pairs, their bits."""
        for number, table in enumerate(self._rarities):
            if table.field not in levels or table.column not in columns or table.field not in self.bits:
                continue
            column = columns[table.column]
            value_bits = self._of_values(number, column.values)
            at = np.flatnonzero(levels[table.field] == level_names(table.field).index(table.level))
            one, other = column.codes[left[at]], column.codes[right[at]]
            known = (one >= 0) & (other >= 0)
            # values that are alike but not the same say what the commoner one does
            bits = on_grid(np.minimum(value_bits[one[known]], value_bits[other[known]]))
            yield table, at[known], bits

    def _of_values(self, number: int, values: Sequence[str]) -> Floats:
        """Bits of every value by one table; the pairs of a column come in many parts, its values once."""
        known = self._looked_up.get(number)
        if known is None or known[0] is not values:
            table = self._rarities[number]
            known = values, np.array([table.values.get(value, table.other) for value in values])
            self._looked_up[number] = known
        return known[1]

    def _summed(self, found: Patterns, bits: Mapping[str, Floats]) -> Floats:
        """Bits of each pattern; a missing field, or one the model does not know, says nothing."""
        total = np.zeros(len(found.levels))
        for at, field in enumerate(found.fields):
            if field in bits:
                total += np.append(bits[field], 0.0)[found.levels[:, at]]
        return total

    def _contradicts(self, found: Patterns) -> NDArray[np.bool_]:
        """Pairs whose personal fields disagree as people of the training data hardly ever do with themselves."""
        against = np.zeros(len(found.levels), dtype=np.bool_)
        for at, field in enumerate(found.fields):
            if field in PERSONAL and field in self.bits:
                against |= np.append(self.bits[field] <= CONTRADICTION, False)[found.levels[:, at]]
        return against[found.of_pair]


def on_grid(bits: Any) -> Any:
    """Rounded to the grid."""
    return np.round(bits * GRID) / GRID
