"""From weighed pairs to persons: agglomeration inside each connected component. Pure.

One bad pair must not glue two families: clusters join only while everything known of them, taken together, still speaks
for one person. Inside a component every pair is compared, whether a key proposed it or not, so the outcome depends on
the contacts, the model and what people decided, and on nothing else. Ties break on the records' own rank.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from crm360.identity.engine import workers
from crm360.identity.engine.agglomerating import Component, Fits, Link, Rules, agglomerate
from crm360.identity.engine.levels import Rows

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Labels = NDArray[np.int64]
#: Components parted at once.
_PART = 2_000
_NONE = np.empty(0, dtype=np.int64)


class Opinions(NamedTuple):
    """Of pairs: bits for (+) or against (-) their being one person, and whether they cannot be."""

    bits: Floats
    barred: Bools


#: pairs of rows → what is known of them
Ask = Callable[[Rows, Rows], Opinions]


@dataclass(frozen=True, slots=True)
class Strong:
    """Pairs that can join: rows and weights."""

    left: Rows
    right: Rows
    weights: Floats

    def of(self, chosen: Bools) -> Strong:
        return Strong(self.left[chosen], self.right[chosen], self.weights[chosen])


def link(
    rows: int, strong: Strong, *, join: float, ask: Ask, rules: Rules, rank: NDArray[np.int64] | None = None,
    links: Sequence[Link] = (), fits: Fits | None = None, doubt: Callable[[Labels], Bools] | None = None,
) -> Labels:  # fmt: skip
    """Cluster number of every row. `strong` are the pairs at or above `join`; none of them may be barred by `ask`.

    `doubt` marks the rows of components (by label) that may not fit one profile; of others `fits` is not asked. `rank`
    orders rows whatever their positions.
    """
    labels = _components(rows, strong, links, join, rules)
    strong = strong.of(labels[strong.left] == labels[strong.right])
    links = [each for each in links if labels[each.left] == labels[each.right]]
    careful = np.zeros(int(labels.max(initial=-1)) + 1, dtype=np.bool_)
    careful[labels[[each.left for each in links]]] = True
    if doubt is not None:
        careful[labels[doubt(labels)]] = True
    sizes = np.bincount(labels, minlength=len(careful))
    tied = np.bincount(labels[strong.left], minlength=len(careful))
    opened = (sizes > 1) & (careful | (tied < sizes * (sizes - 1) // 2))
    if not opened.any():
        return labels
    pairs = _all_pairs(labels, opened, np.arange(rows) if rank is None else rank)
    known = _known(pairs, strong, ask, rules, rows)
    against = np.bincount(pairs.home, weights=np.minimum(known.bits, 0.0), minlength=len(careful))
    barred = np.bincount(pairs.home, weights=known.barred, minlength=len(careful)) > 0
    whole = ~careful & ~barred & (sizes <= rules.loose_from) & (min(join, rules.most) + against > 0)
    left = opened & ~whole
    if left.any():
        labels = _parted(labels, left, pairs, known, strong, links, rules, fits, careful)
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def components(rows: int, left: Rows, right: Rows) -> Labels:
    """Number of the connected component of every row."""
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(rows, rows))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _components(rows: int, strong: Strong, links: Sequence[Link], join: float, rules: Rules) -> Labels:
    """Components of the pairs that can join and of what people called the same; a crowd falls apart at a higher line."""
    bound = np.array([(each.left, each.right) for each in links if each.same], dtype=np.int32).reshape(-1, 2)
    line = np.full(rows, join)
    top = strong.weights.max(initial=join)
    while True:
        used = strong.weights >= np.maximum(line[strong.left], line[strong.right])
        ends = (np.append(one[used], two) for one, two in zip((strong.left, strong.right), bound.T, strict=True))
        labels = components(rows, *ends)
        crowded = (np.bincount(labels)[labels] > rules.crowd) & (line <= top) if rows else np.empty(0, np.bool_)
        if not crowded.any():
            return labels
        line[crowded] += rules.step


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Every pair of rows of some components, the lower in rank left: rows, their places, the component's number."""

    left: Rows
    right: Rows
    places: tuple[Rows, Rows]
    home: Labels
    #: component → its rows in order of rank
    rows: dict[int, list[int]]


def _all_pairs(labels: Labels, opened: Bools, rank: NDArray[np.int64]) -> _Pairs:
    at = np.flatnonzero(opened[labels])
    at = at[np.lexsort((rank[at], labels[at]))]
    numbers, starts, sizes = np.unique(labels[at], return_index=True, return_counts=True)
    parts: list[tuple[Rows, ...]] = []
    for size in np.unique(sizes).tolist():
        of_size = sizes == size
        members = at[starts[of_size][:, None] + np.arange(size)].astype(np.int32)
        one, other = np.triu_indices(size, 1)
        count = int(of_size.sum())
        parts.append((
            members[:, one].ravel(), members[:, other].ravel(), np.tile(one, count).astype(np.int32),
            np.tile(other, count).astype(np.int32), np.repeat(numbers[of_size], len(one)),
        ))  # fmt: skip
    left, right, low, high, home = (np.concatenate(part) for part in zip(*parts, strict=True))
    rows = {
        number: at[start : start + size].tolist()
        for number, start, size in zip(numbers.tolist(), starts.tolist(), sizes.tolist(), strict=True)
    }
    return _Pairs(left, right, (low, high), home, rows)


def _known(pairs: _Pairs, strong: Strong, ask: Ask, rules: Rules, rows: int) -> Opinions:
    """What is known of every pair: those that can join say their weight, of the others is asked."""
    bits, barred = np.empty(len(pairs.left)), np.zeros(len(pairs.left), dtype=np.bool_)
    own = _codes(strong.left, strong.right, rows)
    order = np.argsort(own)
    wanted = _codes(pairs.left, pairs.right, rows)
    at = np.minimum(np.searchsorted(own, wanted, sorter=order), max(len(own) - 1, 0))
    told = own[order[at]] == wanted if len(own) else barred.copy()
    bits[told] = np.minimum(strong.weights[order[at[told]]], rules.most)
    asked = np.flatnonzero(~told)
    if len(asked):
        bits[asked], barred[asked] = ask(pairs.left[asked], pairs.right[asked])
    return Opinions(bits, barred)


def _codes(left: Rows, right: Rows, rows: int) -> NDArray[np.int64]:
    return np.minimum(left, right).astype(np.int64) * rows + np.maximum(left, right)


def _parted(
    labels: Labels, left: Bools, pairs: _Pairs, known: Opinions, strong: Strong, links: Sequence[Link], rules: Rules,
    fits: Fits | None, careful: Bools,
) -> Labels:  # fmt: skip
    """Labels after agglomerating the components that are `left`; of those not `careful` everything `fits`."""
    labels = labels.copy()
    fresh = int(labels.max()) + 1
    of_pairs, of_strong = _by_home(pairs.home, left), _by_home(labels[strong.left], left)
    of_links: dict[int, list[Link]] = {}
    for each in links:
        of_links.setdefault(int(labels[each.left]), []).append(each)

    def groups(numbers: Sequence[int]) -> list[list[int]]:
        """The persons of these components."""
        found: list[list[int]] = []
        for number in numbers:
            component = _component(
                pairs,
                known,
                strong,
                of_pairs[number],
                of_strong.get(number, _NONE),
                pairs.rows[number],
                of_links.get(number, ()),
            )
            found += agglomerate(component, rules, fits if careful[number] else None)
        return found

    numbers = list(of_pairs)
    shares = [numbers[part] for part in workers.parts(len(numbers), _PART)]
    for found in workers.done([partial(groups, share) for share in shares], worth=len(shares) > 1):
        for group in found:
            labels[group] = fresh
            fresh += 1
    return labels


def _component(
    pairs: _Pairs, known: Opinions, strong: Strong, at: NDArray[np.int64], mine: NDArray[np.int64], rows: list[int],
    links: Sequence[Link],
) -> Component:  # fmt: skip
    """One component by its rows: its pairs stand at `at`, those that can join at `mine`."""
    place = {row: own for own, row in enumerate(rows)}
    bits = [[0.0] * len(rows) for _ in rows]
    barred = [[False] * len(rows) for _ in rows]
    told = (pairs.places[0][at], pairs.places[1][at], known.bits[at], known.barred[at])
    for low, high, says, bars in zip(*(each.tolist() for each in told), strict=True):
        bits[low][high] = bits[high][low] = says
        barred[low][high] = barred[high][low] = bars
    joining = [
        (weight, *sorted((place[one], place[other])))
        for one, other, weight in zip(
            strong.left[mine].tolist(), strong.right[mine].tolist(), strong.weights[mine].tolist(), strict=True
        )
    ]
    said = [Link(x.decision, place[x.left], place[x.right], x.same) for x in links]
    return Component(rows, bits, barred, joining, said)


def _by_home(home: Labels, wanted: Bools) -> dict[int, NDArray[np.int64]]:
    """Positions by component, of the components wanted."""
    at = np.flatnonzero(wanted[home])
    if not len(at):
        return {}
    at = at[np.argsort(home[at], kind="stable")]
    numbers, starts = np.unique(home[at], return_index=True)
    return dict(zip(numbers.tolist(), np.split(at, starts[1:]), strict=True))
