"""A whole table resolved: candidates, levels, a model (trained on it or given), weights, clusters. Pure, deterministic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm360.identity.engine import candidates, estimating, fields, levels, linking, sharing, training, weighing
from crm360.identity.engine.levels import Levels, Rows
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


def resolve(
    prepared: Mapping[str, Column], keys: Sequence[str] | None, *, model: Model | None = None,
    sides: NDArray[np.int8] | None = None, about: Mapping[str, Any] | None = None, progress: Progress = lambda step: None,
) -> Resolution:  # fmt: skip
    """Resolve compared columns (of `fields.prepare`) without labels.

    `keys` are record ids (they break ties, None: position-free); `model` leaves out learning; with `sides` only pairs of rows from
    different sides are compared. Raises ValueError when there is no field to compare.
    """
    table, side = _table(prepared, keys, sides, progress)
    source = candidates.Source(table.columns, table.rows)
    compare = partial(_compare, table, _shared(table))
    progress(STEPS[1])
    model = model or training.train(table, source, side, compare, about or {})
    progress(STEPS[2])
    left, right = candidates.ends(candidates.find(source, model.blocking), table.rows)
    if side is not None:
        across = side[left] != side[right]
        left, right = left[across], right[across]
    progress(STEPS[3])
    found = compare(left, right)
    progress(STEPS[4])
    counted = estimating.patterns(found)
    weights = weighing.weigh(counted, found, table.columns, left, model)
    against = weighing.contradictions(counted, model.estimate)
    progress(STEPS[5])
    labels = linking.link(table.rows, left, right, weights, join=model.join, contradicts=against)
    return _in_source_order(table, labels, left, right, weights, model)


def _table(
    prepared: Mapping[str, Column], keys: Sequence[str] | None, sides: NDArray[np.int8] | None, progress: Progress
) -> tuple[Table, NDArray[np.int8] | None]:
    if not any(len(column.values) for column in prepared.values()):
        raise ValueError("No column holds anything to compare people by; name one with --map COLUMN=FIELD.")
    progress(STEPS[0])
    table = canonical(prepared, keys)
    if "email" in table and "given" in table and "family" in table:
        named = fields.named_after(table.columns)
        table = Table(table.rows, {**table.columns, "email_named": named}, table.order)
    return table, sides[table.order] if sides is not None else None


def _shared(table: Table) -> dict[str, NDArray[np.bool_]]:
    """Values nobody owns, by field."""
    if "given" not in table or "family" not in table:
        return {}
    return {
        kind: sharing.shared(table[kind], table["given"], table["family"], kind=kind)
        for kind in ("email", "phone")
        if kind in table
    }


def _compare(table: Table, shared: Mapping[str, NDArray[np.bool_]], left: Rows, right: Rows) -> dict[str, Levels]:
    found = levels.compare(table.columns, left, right)
    for kind, many in shared.items():
        level = levels.level_names(kind).index("shared by many")
        for name in (kind, f"named_{kind}"):
            if name in found:
                same = np.flatnonzero(found[name] == 0)
                found[name][same[many[table[kind].codes[left[same]]]]] = level
    return found


def _in_source_order(
    table: Table, labels: NDArray[np.int64], left: Rows, right: Rows, weights: NDArray[np.float64], model: Model
) -> Resolution:
    """Profiles numbered by their first row in canonical order, rows led back to where they stood."""
    _, first, back = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(1, len(first) + 1)
    profiles = np.empty(table.rows, dtype=np.int64)
    profiles[table.order] = rank[back]
    place = table.order.astype(np.int32)
    one, other = place[left], place[right]
    return Resolution(profiles, np.minimum(one, other), np.maximum(one, other), weights, model, len(left))
