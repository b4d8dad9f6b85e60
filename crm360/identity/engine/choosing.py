"""Which blocking rules a table needs: those that propose likely pairs no other rule proposes, for few keys. Pure.

All possible rules are tried on the pairs of a seeded sample of rows; a greedy cover takes the best, each with the limit
that pays. Block sizes are those of the whole table, so that a limit means the same there.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from heapq import heapify, heapreplace

import numpy as np
from numpy.typing import NDArray

from crm360.identity.engine import rules
from crm360.identity.engine.candidates import THREADS, Keys, Pairs, Source, blocks, pairs_within, union
from crm360.identity.engine.rules import Rule

Floats = NDArray[np.float64]

LIMITS = (5, 10, 20, 35, 60)
#: The sample grows with the root of the table, so that it holds as many pairs of one person whatever the table's size.
_ROWS = 12_000
#: A rule must find at least this share of all likely pairs that no other finds,
_LEAST = 0.0001
#: and one of them per so many pairs,
_PAIRS_PER_LIKELY = 200.0
#: but for a table so small that its pairs cost nothing;
_CHEAP = 150_000.0
#: a key of one row counting as much as so many pairs.
_KEY = 0.25


@dataclass(frozen=True, slots=True)
class Trial:
    """A rule tried: the sample's pairs it proposes (positions), the least of LIMITS each needs, what it costs."""

    columns: tuple[str, ...]
    pairs: NDArray[np.int64]
    step: NDArray[np.int8]
    #: rows of the table that have a key
    keys: int
    #: pairs of the table it proposes with each of LIMITS
    proposed: Floats


def sample(rows: int, seed: int) -> NDArray[np.int32]:
    """The rows whose pairs are tried, ascending."""
    wanted = int((rows * _ROWS) ** 0.5)
    if wanted >= rows:
        return np.arange(rows, dtype=np.int32)
    return np.sort(np.random.default_rng(seed).choice(rows, size=wanted, replace=False)).astype(np.int32)


def tried(source: Source, chosen: NDArray[np.int32]) -> tuple[Pairs, list[Trial]]:
    """Every pair any possible rule proposes among the `chosen` rows, ascending, and what each rule proposes."""
    source.make_ready()
    with ThreadPoolExecutor(THREADS) as pool:
        found = [one for one in pool.map(partial(_tried, source, chosen), rules.possible()) if one]
    everything = union([np.empty(0, np.uint64), *(pairs for pairs, _ in found)])
    return everything, [
        Trial(one.columns, np.searchsorted(everything, pairs), one.step, one.keys, one.proposed) for pairs, one in found
    ]


def _tried(source: Source, chosen: NDArray[np.int32], columns: tuple[str, ...]) -> tuple[Pairs, Trial] | None:
    """The pairs of one rule and what it costs; None for a rule the table lacks a column of."""
    keys = source.keys(columns)
    if keys is None:
        return None
    sizes, proposed = _sizes(keys, chosen)
    pairs, step = _within(keys[chosen], sizes, chosen, source.rows)
    return pairs, Trial(columns, np.empty(0, np.int64), step, int(np.count_nonzero(keys)), proposed)


def _sizes(keys: Keys, chosen: NDArray[np.int32]) -> tuple[NDArray[np.int64], Floats]:
    """How many rows share each chosen row's key, counted in buckets (now and then one too many), and pairs by limit.

    The table's pairs are reckoned from the blocks the chosen rows stand in; where all rows are chosen they are counted.
    """
    digits = max(len(keys), 2).bit_length() + 2
    bucket = (keys >> np.uint64(64 - digits)).view(np.int64)
    counts = np.bincount(bucket, minlength=1 << digits)
    counts[0] -= len(keys) - np.count_nonzero(keys)  # rows without a key
    sizes = np.where(keys[chosen] > 0, counts[bucket[chosen]], 0)
    seen = np.bincount(sizes[(sizes > 1) & (sizes <= LIMITS[-1])], minlength=LIMITS[-1] + 1)
    pairs = (seen * (np.arange(len(seen)) - 1) / 2).cumsum()[list(LIMITS)]
    return sizes, pairs * (len(keys) / max(len(chosen), 1))


def _within(
    keys: Keys, sizes: NDArray[np.int64], chosen: NDArray[np.int32], rows: int
) -> tuple[Pairs, NDArray[np.int8]]:
    """Pairs of the chosen rows that share a key of a block within the last limit, and the least limit each needs."""
    some = np.where(sizes <= LIMITS[-1], keys, np.uint64(0))
    row, starts, counts = blocks(some)
    least = np.searchsorted(LIMITS, sizes[row[starts]])
    pairs: list[Pairs] = [np.empty(0, np.uint64)]
    for at in range(len(LIMITS)):
        those = (least == at) & (counts > 1)
        pairs.append(pairs_within(chosen[row], starts[those], counts[those], rows))
    step = np.repeat(np.arange(len(LIMITS), dtype=np.int8), [len(made) for made in pairs[1:]])
    return np.concatenate(pairs), step


def choose(trials: Sequence[Trial], likely: Floats, *, scale: float) -> list[Rule]:
    """Rules that cover the sample's pairs by their likelihood; `scale` pairs of the table stand behind each."""
    hits = [one.pairs[likely[one.pairs] > 0] for one in trials]
    steps = [one.step[likely[one.pairs] > 0] for one in trials]
    covered = np.zeros(len(likely), dtype=np.bool_)
    taken: dict[int, int] = {}

    def offer(at: int) -> tuple[float, int, int]:
        """What taking one rule is worth now (negative: the best comes first), its number, and with which limit."""
        gain = likely[hits[at]] * ~covered[hits[at]]
        worth, limit = _best(trials[at], gain, steps[at], taken.get(at, -1), scale, whole)
        return -worth, at, limit

    whole = likely.sum()
    offers = [offer(at) for at in range(len(trials))]
    heapify(offers)
    while offers:
        # what others take only makes an offer worse: the best is asked again until it stays the best
        if (now := offer(offers[0][1])) != offers[0]:
            heapreplace(offers, now)
            continue
        worth, at, limit = -now[0], now[1], now[2]
        proposed = sum(trials[one].proposed[step] for one, step in taken.items())
        if worth * _PAIRS_PER_LIKELY < 1.0 and (worth == 0.0 or proposed > _CHEAP):
            break
        taken[at] = limit
        covered[hits[at][steps[at] <= limit]] = True
        heapreplace(offers, offer(at))
    return [Rule(trials[at].columns, LIMITS[limit]) for at, limit in taken.items()]


def _best(
    one: Trial, gain: Floats, step: NDArray[np.int8], before: int, scale: float, whole: float
) -> tuple[float, int]:
    """The rule's likely pairs per cost with the limit that pays most, beyond the limit it has."""
    gains = np.bincount(step, weights=gain, minlength=len(LIMITS)).cumsum()
    paid = one.proposed[before] if before >= 0 else -_KEY * one.keys
    worth = np.where(gains >= _LEAST * whole, gains * scale / (one.proposed - paid + 1.0), 0.0)
    worth[: before + 1] = 0.0
    limit = int(worth.argmax())
    return float(worth[limit]), limit
