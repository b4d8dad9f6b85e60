"""What one model says of pairs of a table: levels, weights, conflicts. The batch and every arriving contact ask here. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crm360.identity.engine import conflicts, estimating, levels, workers
from crm360.identity.engine.levels import Levels, Rows
from crm360.identity.engine.linking import Opinions
from crm360.identity.engine.model import Model
from crm360.identity.engine.table import Column
from crm360.identity.engine.weighing import Weighed, Weigher

Bools = NDArray[np.bool_]
#: Pairs weighed at once.
_PART = 500_000
#: kind → identifier values that belong to many; `comparing.OWN` → mailboxes that do not, whatever they look like
Shared = Mapping[str, Collection[str]]


class Judged(NamedTuple):
    """Of pairs: the match weight in bits, whether something bars them from being one person, and how it came about."""

    weights: NDArray[np.float64]
    barred: Bools
    levels: Mapping[str, Levels]
    weighed: Weighed


class Verdicts(NamedTuple):
    """Of pairs: the match weight in bits, and whether something bars them from being one person."""

    weights: NDArray[np.float64]
    barred: Bools


class Judge:
    """A model, made ready once."""

    def __init__(self, model: Model):
        self.model = model
        self.weigher = Weigher(model)

    def judge(self, columns: Mapping[str, Column], left: Rows, right: Rows, shared: Shared) -> Judged:
        """Judge pairs of rows; whether something bars them is asked of those worth a review."""
        found = levels.compare(columns, left, right, shared)
        return self.weighed(columns, found, left, right, least=self.model.review)

    def opinions(self, columns: Mapping[str, Column], left: Rows, right: Rows, shared: Shared) -> Opinions:
        """What pairs say when the clusters they stand in are about to join (see `agglomerating.Rules`)."""
        found = levels.compare(columns, left, right, shared)
        rules, (weights, bars, _, weighed) = self.model.linking, self.weighed(columns, found, left, right)
        doubted = np.where(weighed.fields >= 0, rules.silent, np.maximum(weights, rules.against))
        low = np.where(weighed.contradicts, weights, doubted)
        return Opinions(np.minimum(np.where(weights >= self.model.review, weights, low), rules.most), bars)

    def weighed(
        self, columns: Mapping[str, Column], found: Mapping[str, Levels], left: Rows, right: Rows, *, least: float = -np.inf
    ) -> Judged:  # fmt: skip
        """Judge pairs whose levels are known; of those that weigh less than `least` no conflict is looked for."""
        if not found:
            nothing = np.zeros(len(left))
            return Judged(
                nothing + self.weigher.prior, nothing > 0, found, Weighed(nothing, nothing, nothing, nothing > 0)
            )
        weighed = self.weigher.weigh(estimating.patterns(found), found, columns, left, right)
        at = np.flatnonzero(weighed.weights >= least)
        some = {field: level[at] for field, level in found.items()}
        bars = np.zeros(len(left), dtype=np.bool_)
        bars[at] = conflicts.barred(columns, some, left[at], right[at], self.model.conflicts)
        return Judged(weighed.weights, bars, found, weighed)

    def verdicts(
        self, columns: Mapping[str, Column], found: Mapping[str, Levels], left: Rows, right: Rows
    ) -> Verdicts:  # fmt: skip
        """What `weighed` says of many pairs, without how it came about; conflicts are looked for from a review on."""

        def said(part: slice) -> Verdicts:
            levels = {field: level[part] for field, level in found.items()}
            judged = self.weighed(columns, levels, left[part], right[part], least=self.model.review)
            return Verdicts(judged.weights, judged.barred)

        parts = workers.parts(len(left), _PART)
        answers = workers.done([partial(said, part) for part in parts], worth=len(parts) > 1)
        return Verdicts(*map(np.concatenate, zip(*answers, strict=True)))

    def joins(self, judged: Judged | Verdicts) -> Bools:
        """Pairs that can join clusters."""
        return (judged.weights >= self.model.join) & ~judged.barred
