"""Which components of a table could grow beyond what one person has, and whether two clusters do (`limits`). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crm360.identity import limits
from crm360.identity.engine.table import SET_MARK, Column

Bools = NDArray[np.bool_]
Labels = NDArray[np.int64]


class Limited:
    """`most`: kind → how many one profile collects by evidence alone; 0: any number."""

    def __init__(self, columns: Mapping[str, Column], most: Mapping[str, int]):
        self._most = {kind: number for kind, number in most.items() if number}
        kinds = {*self._most, "email"}  # accounts of one shop with one address are one
        self._columns = {kind: columns[kind] for kind in kinds if kind in columns}

    def doubtful(self, labels: Labels) -> Bools:
        """Rows whose component might hold more than a limit; of all others it is certain that it does not."""
        sizes = np.bincount(labels)
        over = sizes > self._most.get("record", len(labels))
        for kind, most in self._most.items():
            if kind in self._columns:
                over |= self._held(self._columns[kind], labels, len(sizes), most) > most
        return over[labels]

    def fits(self, left: Sequence[int], right: Sequence[int]) -> bool:
        """Whether two clusters may be one profile."""
        forms = {row: self._form(row) for row in (*left, *right)}
        return limits.excess(left, right, forms, self._most) is None

    def _held(self, column: Column, labels: Labels, count: int, least: int) -> NDArray[np.float64]:
        """At most how many different values each component has."""
        # of one value each, no more than the component has rows
        risky = np.bincount(labels, minlength=count) > (0 if column.several.any() else least)
        present = np.flatnonzero(column.present & risky[labels])
        pairs = np.unique(labels[present] * len(column.values) + column.codes[present])
        number = np.ones(len(column.values))
        for each in np.flatnonzero(column.several).tolist():
            number[each] = column.values[each].count(SET_MARK) + 1
        home, code = np.divmod(pairs, max(len(column.values), 1))
        return np.bincount(home, weights=number[code], minlength=count).astype(np.float64)

    def _form(self, row: int) -> dict[str, list[str]]:
        return {
            kind: column.values[code].split(SET_MARK)
            for kind, column in self._columns.items()
            if (code := int(column.codes[row])) >= 0
        }
