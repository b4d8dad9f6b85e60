"""From weighed pairs to persons: agglomeration inside each connected component. Pure.

One bad pair must not glue two families: clusters join only while everything known of them, taken together, still speaks
for one person; a pair nobody compared counts a little against it. Ties break on the rows' canonical order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from crm360.identity.engine.levels import Rows

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

#: What a pair that shared no key says against joining, in bits.
MISSING_PAIR = 1.0
#: One pair can say so much for or against, however many fields agree: many doubtful pairs outweigh one.
LOUDEST = 20.0
#: What a pair says against at most, unless it is a contradiction: a poor record is not another person.
LOUDEST_AGAINST = 4.0


def link(
    rows: int, left: Rows, right: Rows, weights: Floats, *, join: float, contradicts: NDArray[np.bool_] | None = None
) -> Labels:
    """Cluster number of every row. `weights` of candidate pairs in bits; those at or above `join` can join."""
    bounded = (
        np.where(contradicts, weights, np.maximum(weights, -LOUDEST_AGAINST)) if contradicts is not None else weights
    )
    weights = np.minimum(bounded, LOUDEST)
    strong = weights >= join
    labels = _components(rows, left[strong], right[strong])
    inside = labels[left] == labels[right]
    unsure = _unsure(labels, left[inside], right[inside], weights[inside], join)
    at = np.flatnonzero(inside)[unsure[labels[left[inside]]]]
    if len(at):
        labels = _parted(labels, left[at], right[at], weights[at], join)
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _components(rows: int, left: Rows, right: Rows) -> Labels:
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(rows, rows))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _unsure(labels: Labels, left: Rows, right: Rows, weights: Floats, join: float) -> NDArray[np.bool_]:
    """Components that agglomeration might not join whole: a pair speaks against it or was never compared."""
    sizes = np.bincount(labels)
    own = labels[left]
    pairs = np.bincount(own, minlength=len(sizes))
    against = np.bincount(own[weights < join], minlength=len(sizes)) > 0
    missing = sizes * (sizes - 1) // 2 - pairs
    return against | (missing * MISSING_PAIR >= join)


def _parted(labels: Labels, left: Rows, right: Rows, weights: Floats, join: float) -> Labels:
    """Labels after agglomerating the components the given pairs belong to."""
    labels = labels.copy()
    order = np.argsort(labels[left], kind="stable")
    left, right, weights = left[order], right[order], weights[order]
    bounds = np.flatnonzero(np.concatenate(([True], np.diff(labels[left]) != 0, [True])))
    fresh = int(labels.max()) + 1
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        groups = _agglomerate(left[start:end].tolist(), right[start:end].tolist(), weights[start:end].tolist(), join)
        for group in groups:
            labels[group] = fresh
            fresh += 1
    return labels


def _agglomerate(left: list[int], right: list[int], weights: list[float], join: float) -> list[list[int]]:
    """Groups of one component's rows: strongest pairs first, each joined if the two clusters as wholes agree."""
    members = {row: [row] for row in sorted({*left, *right})}
    cluster = {row: row for row in members}
    ties: dict[int, dict[int, tuple[float, int]]] = {row: {} for row in members}
    for one, other, weight in zip(left, right, weights, strict=True):
        ties[one][other] = ties[other][one] = (weight, 1)
    ranked = sorted(
        (-weight, one, other) for one, other, weight in zip(left, right, weights, strict=True) if weight >= join
    )
    for _, one, other in ranked:
        a, b = cluster[one], cluster[other]
        if a == b:
            continue
        total, known = ties[a][b]
        if total - MISSING_PAIR * (len(members[a]) * len(members[b]) - known) > 0:
            _join(*((a, b) if len(members[a]) >= len(members[b]) else (b, a)), members, cluster, ties)
    return [rows for name, rows in members.items() if cluster[name] == name]


def _join(
    a: int,
    b: int,
    members: dict[int, list[int]],
    cluster: dict[int, int],
    ties: dict[int, dict[int, tuple[float, int]]],
) -> None:
    for row in members[b]:
        cluster[row] = a
    members[a] += members.pop(b)
    for other, (total, known) in ties.pop(b).items():
        del ties[other][b]
        if other != a:
            before = ties[a].get(other, (0.0, 0))
            ties[a][other] = ties[other][a] = (before[0] + total, before[1] + known)
