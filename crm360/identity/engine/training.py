"""A model learned from a table without labels: from the pairs of a sample of its rows, blocking rules included. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crm360.identity import guards
from crm360.identity.engine import candidates, choosing, estimating, weighing
from crm360.identity.engine.levels import Levels, Rows, level_names
from crm360.identity.engine.model import JOIN_FROM, REVIEW_FROM, Model, bits
from crm360.identity.engine.table import Table
from crm360.identity.engine.weighing import CONTRADICTION

#: Levels of every field for pairs of rows.
Compare = Callable[[Rows, Rows], dict[str, Levels]]
Sides = NDArray[np.int8] | None

SEED = 360
#: Pairs drawn to learn how strangers agree.
_STRANGERS = 200_000
#: Bits a value of many adds at most.
_MOST_OF_MANY = 3.0
MANY = "shared by many"


class Answers(NamedTuple):
    """Pairs of rows people decided on: `same[i]` says whether `left[i]` and `right[i]` are one person."""

    left: Rows
    right: Rows
    same: NDArray[np.bool_]


def train(
    table: Table, source: candidates.Source, sides: Sides, compare: Compare, about: Mapping[str, Any],
    answers: Answers | None = None,
) -> Model:  # fmt: skip
    """Learn weights and blocking rules. With `sides` only pairs across count; `answers` are labels."""
    chosen = choosing.sample(table.rows, SEED)
    pairs, trials = choosing.tried(source, chosen)
    left, right = candidates.ends(pairs, table.rows)
    found = compare(left, right)
    counted = estimating.patterns(found)
    one, other = _strangers(chosen, table.rows, pairs)
    across = np.ones(len(pairs), dtype=np.bool_) if sides is None else sides[left] != sides[right]
    known = estimating.estimate(
        counted if sides is None else estimating.patterns({name: level[across] for name, level in found.items()}),
        estimating.patterns(compare(one, other)),
        rows=len(chosen),
        others=max(_possible(chosen, sides) - int(across.sum()), 1.0),
        answered=_answered(answers, compare) if answers is not None and len(answers.left) else None,
    )
    known = replace(known, u={field: _little_for_many(field, known) for field in known.u})
    rare = weighing.rarities(table.columns, known)
    model = Model(known, rare, (), bits(JOIN_FROM), bits(REVIEW_FROM), {})
    weights = weighing.Weigher(model).weigh(counted, found, table.columns, left, right).weights
    # what would not join need not be found
    likely = np.where(across & (weights >= 0.0), 1.0 / (1.0 + np.exp2(-weights)), 0.0)
    blocking = choosing.choose(trials, likely, scale=(table.rows / max(len(chosen), 1)) ** 2)
    facts = {"rows": table.rows, "sampled_rows": len(chosen), "fields": sorted(known.m), "seed": SEED}
    return replace(model, blocking=tuple(blocking), about=facts | dict(about), conflicts=_conflicts(known))


def _answered(answers: Answers, compare: Compare) -> estimating.Answered:
    found = compare(answers.left, answers.right)
    return estimating.Answered(*(
        estimating.patterns({field: level[said] for field, level in found.items()})
        for said in (answers.same, ~answers.same)
    ))  # fmt: skip


def _little_for_many(field: str, known: estimating.Estimate) -> np.ndarray:
    """How strangers agree, a value of many taken to be common: it counts little, however rare such values are here."""
    names = level_names(field)
    found: np.ndarray = known.u[field].copy()
    if MANY in names:
        at = names.index(MANY)
        found[at] = max(found[at], known.m[field][at] / 2.0**_MOST_OF_MANY)
        found /= found.sum()
    return found


def _conflicts(known: estimating.Estimate) -> tuple[str, ...]:
    """Birth dates and given names part people only where people of this table rarely give wrong ones."""
    return tuple(kind for kind in guards.CONFLICTS if kind not in known.m or _is_sure(known, kind))


def _is_sure(known: estimating.Estimate, field: str) -> bool:
    names = level_names(field)
    if field in ("national_id", "tax_id"):
        return True
    at = names.index("different")
    return bool(np.log2(known.m[field][at] / known.u[field][at]) <= CONTRADICTION)


def _possible(chosen: Rows, sides: Sides) -> float:
    rows = len(chosen)
    if sides is None:
        return rows * (rows - 1) / 2
    first = float((sides[chosen] == sides.max(initial=0)).sum())
    return first * (rows - first)


def _strangers(chosen: Rows, rows: int, pairs: candidates.Pairs) -> tuple[Rows, Rows]:
    """A seeded sample of pairs that are no candidates."""
    chance = np.random.default_rng(SEED)
    one, other = (chosen[chance.integers(0, len(chosen), _STRANGERS)] for _ in range(2))
    low, high = np.minimum(one, other)[one != other], np.maximum(one, other)[one != other]
    drawn = np.unique(low.astype(np.uint64) * np.uint64(max(rows, 1)) + high.astype(np.uint64))
    if len(pairs):
        at = np.minimum(np.searchsorted(pairs, drawn), len(pairs) - 1)
        drawn = drawn[pairs[at] != drawn]
    return candidates.ends(drawn, rows)
