"""A whole table resolved: candidates, levels, a model (trained on it or given), weights, clusters. Pure, deterministic."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm360.identity import limits
from crm360.identity.engine import candidates, levels, linking, sharing, training
from crm360.identity.engine.agglomerating import Link
from crm360.identity.engine.judging import Judge, Shared, Verdicts
from crm360.identity.engine.levels import Rows
from crm360.identity.engine.limiting import Limited
from crm360.identity.engine.model import Model
from crm360.identity.engine.table import Column, Table, canonical

Progress = Callable[[str], None]

#: Steps a resolution reports, in order.
STEPS = ("reading names", "learning", "finding candidates", "comparing", "weighing", "linking")


@dataclass(frozen=True, slots=True)
class Resolution:
    """Persons of a table: `profiles[i]` of source row i, and the pairs behind them (rows in source order)."""

    profiles: NDArray[np.int64]
    left: Rows
    right: Rows
    weights: NDArray[np.float64]
    model: Model
    candidates: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Persons of a table by row: their numbers, and the candidate pairs as they were judged."""

    labels: NDArray[np.int64]
    left: Rows
    right: Rows
    judged: Verdicts


def resolve(
    prepared: Mapping[str, Column], keys: Sequence[str] | None, *, model: Model | None = None,
    sides: NDArray[np.int8] | None = None, about: Mapping[str, Any] | None = None, progress: Progress = lambda step: None,
) -> Resolution:  # fmt: skip
    """Resolve compared columns (of `fields.prepare`) without labels.

    `keys` are record ids, all different (they break ties, None: position-free); `model` leaves out learning; with
    `sides` only pairs of rows from different sides are compared. Raises ValueError when there is no field to compare.
    """
    if not any(len(column.values) for column in prepared.values()):
        raise ValueError("No column holds anything to compare people by; name one with --map COLUMN=FIELD.")
    with uncollected():
        return _resolved(prepared, keys, model, sides, about or {}, progress)


def learn(
    prepared: Mapping[str, Column], *, answers: Sequence[tuple[int, int, bool]] = (),
    about: Mapping[str, Any] | None = None,
) -> Model:  # fmt: skip
    """A model of a table's rows. `answers`: pairs of rows by position, and whether people called them one person."""
    with uncollected():
        table = canonical(prepared)
        place = np.empty(table.rows, dtype=np.int32)
        place[table.order] = np.arange(table.rows, dtype=np.int32)
        told = np.array(answers, dtype=np.int64).reshape(-1, 3)
        labels = training.Answers(place[told[:, 0]], place[told[:, 1]], told[:, 2] > 0)
        compare = partial(levels.compare, table.columns, shared=sharing.shared(table.columns))
        return training.train(table, candidates.Source(table.columns, table.rows), None, compare, about or {}, labels)


@contextmanager
def uncollected() -> Iterator[None]:
    """Millions of small values are made here and none in circles: looking for circles would take a tenth of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _resolved(
    prepared: Mapping[str, Column], keys: Sequence[str] | None, model: Model | None, sides: NDArray[np.int8] | None,
    about: Mapping[str, Any], progress: Progress,
) -> Resolution:  # fmt: skip
    progress(STEPS[0])
    table = canonical(prepared, keys)
    side = sides[table.order] if sides is not None else None
    columns, shared = table.columns, sharing.shared(table.columns)
    source = candidates.Source.of(columns, table.rows)
    progress(STEPS[1])
    if model is None:
        compare = partial(levels.compare, columns, shared=shared)
        lines = source if source.owner is None else candidates.Source(columns, table.rows)
        model = training.train(table, lines, side, compare, about)
    judge = Judge(model)  # rows stand by their keys: their places are their ranks
    found = outcome(columns, table.rows, judge, shared, side=side, source=source, progress=progress)
    return _in_source_order(table, found, model)


def outcome(
    columns: Mapping[str, Column], rows: int, judge: Judge, shared: Shared, *, rank: NDArray[np.int64] | None = None,
    links: Sequence[Link] = (), most: Mapping[str, int] | None = None, side: NDArray[np.int8] | None = None,
    source: candidates.Source | None = None, progress: Progress = lambda step: None,
) -> Outcome:  # fmt: skip
    """Who is who among the rows of a table: the one definition, of its columns and the values that are `shared`.

    `rank` orders rows whatever their positions; `links` are decisions in force; `most`: how many of a kind one person
    collects (`limits`); `side`: only rows of different sides are compared.
    """
    progress(STEPS[2])
    source = source or candidates.Source.of(columns, rows)
    left, right = candidates.ends(candidates.find(source, judge.model.blocking, shared), rows)
    if side is not None:
        across = side[left] != side[right]
        left, right = left[across], right[across]
    progress(STEPS[3])
    found = levels.compare(columns, left, right, shared)
    progress(STEPS[4])
    judged = judge.verdicts(columns, found, left, right)
    del found
    progress(STEPS[5])
    limited = Limited(columns, limits.DEFAULTS if most is None else most)
    strong = judge.joins(judged)
    labels = linking.link(
        rows, linking.Strong(left[strong], right[strong], judged.weights[strong]), join=judge.model.join,
        ask=partial(_opinions, columns, judge, shared, side), rules=judge.model.linking, rank=rank, links=links,
        fits=limited.fits, doubt=limited.doubtful,
    )  # fmt: skip
    return Outcome(labels, left, right, judged)


def by_key(keys: Sequence[Any]) -> NDArray[np.int64]:
    """The place of each row among all, by keys that do not depend on where it stands."""
    order = sorted(range(len(keys)), key=keys.__getitem__)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank


def _opinions(
    columns: Mapping[str, Column], judge: Judge, shared: Shared, side: NDArray[np.int8] | None, left: Rows, right: Rows
) -> linking.Opinions:
    bits, barred = judge.opinions(columns, left, right, shared)
    if side is not None:  # rows of one side are not compared
        bits = np.where(side[left] == side[right], judge.model.linking.silent, bits)
    return linking.Opinions(bits, barred)


def _in_source_order(table: Table, found: Outcome, model: Model) -> Resolution:
    """Profiles numbered by their first row in canonical order, rows led back to where they stood."""
    _, first, back = np.unique(found.labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(1, len(first) + 1)
    profiles = np.empty(table.rows, dtype=np.int64)
    profiles[table.order] = rank[back]
    place = table.order.astype(np.int32)
    one, other = place[found.left], place[found.right]
    weights = found.judged.weights
    return Resolution(profiles, np.minimum(one, other), np.maximum(one, other), weights, model, len(one))
