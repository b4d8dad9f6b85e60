"""How much each level of agreement says, learned without labels from the pairs of a table themselves. Pure.

Fellegi and Sunter's model (1969) with three classes of pairs: one person, one household, strangers. Expectation
maximisation (Winkler 1988) runs on counted patterns of levels, not on pairs. Pairs that are no candidates count as
strangers, so the prior is that of all pairs and a probability means the same on every table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crm360.identity.engine.levels import Levels, level_names

Floats = NDArray[np.float64]
Theta = dict[str, Floats]

ROUNDS = 60
_TOLERANCE = 1e-5
_LEAST = 1e-12
#: What a household has in common; all else its members share no more than strangers do.
SHARED = frozenset(("family_name", "name", "address", "phone", "email", "card", "birth_place", "company"))
#: Of all records, the share that agrees on an identifier with a stranger by accident, at least.
_ACCIDENT = 0.01
#: How sure the first guess of a person's levels is, in pairs.
_GUESS = 10.0
_PERSON_FIRST = 0.8
#: The share of candidates first taken for strangers where they agree.
_FIRST_STRANGERS = 0.02


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct combinations of levels (one row each, a column per field, -1 missing) and how often each occurs."""

    fields: tuple[str, ...]
    levels: NDArray[np.int8]
    counts: Floats
    #: pattern of each pair
    of_pair: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Probabilities of each level for one person (m), one household (h) and strangers (u), and the classes' shares."""

    m: Theta
    h: Theta
    u: Theta
    person: float
    household: float


def patterns(levels: Mapping[str, Levels]) -> Patterns:
    """The distinct patterns of pairs whose levels by field are given."""
    fields = tuple(levels)
    code = np.zeros(len(next(iter(levels.values()))), dtype=np.int64)
    for field in fields:
        code = code * (len(level_names(field)) + 1) + (levels[field] + 1)
    distinct = np.unique(code)
    of_pair = np.searchsorted(distinct, code)  # there are few: faster than sorting all
    counts = np.bincount(of_pair, minlength=len(distinct))
    rows = np.empty((len(distinct), len(fields)), dtype=np.int8)
    for at in range(len(fields) - 1, -1, -1):
        distinct, level = np.divmod(distinct, len(level_names(fields[at])) + 1)
        rows[:, at] = level - 1
    return Patterns(fields, rows, counts.astype(np.float64), of_pair)


class Answered(NamedTuple):
    """Patterns of pairs that people called one person, and of pairs they called two."""

    same: Patterns
    different: Patterns


def estimate(
    found: Patterns, strangers: Patterns, *, rows: int, others: float, answered: Answered | None = None
) -> Estimate:
    """Learn from candidate patterns and a sample of pairs that are no candidates, which stands for `others` pairs.

    What people answered is known in every round (semi-supervised: Nigam et al. 2000): a pair they called one person
    counts for the persons, one they called two is shared out between households and strangers. The classes' shares stay
    those of the candidates, for people are asked about the doubtful alone.
    """
    background = _background(found, strangers, others)
    accident = _ACCIDENT * rows
    total = found.counts.sum() + others
    m = {field: _first_guess(field) for field in found.fields}
    # without anything of a person's own a household cannot be told from a person, nor an accident from either
    homes = any(field not in SHARED for field in found.fields)
    u = _maximised(found, _FIRST_STRANGERS * found.counts, background, accident, homes)
    h = {field: (m if field in SHARED else u)[field].copy() for field in found.fields}
    person, household = rows / total, 0.3 * rows / total if homes else 0.0
    for _ in range(ROUNDS):
        before = person
        r_person, r_household, r_stranger = _responsibilities(found, Estimate(m, h, u, person, household))
        told = _told(answered, Estimate(m, h, u, person, household))
        m = {
            field: _shares(found, at, r_person * found.counts, _first_guess(field) * _GUESS + told.m.get(field, 0.0))
            for at, field in enumerate(found.fields)
        }
        strange = {field: tally + told.u.get(field, 0.0) for field, tally in background.items()}
        u = _maximised(found, r_stranger * found.counts, strange, accident, homes)
        shared = {
            field: _shares(found, at, r_household * found.counts, _first_guess(field) * _GUESS + told.h.get(field, 0.0))
            for at, field in enumerate(found.fields)
            if field in SHARED
        }
        h = {field: shared.get(field, u[field]) for field in found.fields}
        person = float((r_person * found.counts).sum()) / total
        household = max(float((r_household * found.counts).sum()), 1.0) / total if homes else 0.0
        if abs(person - before) < _TOLERANCE * person:
            break
    return Estimate(m, h, u, max(person, _LEAST), max(household, _LEAST))


class _Told(NamedTuple):
    """Counts of each level that answers add to persons, households and strangers."""

    m: Theta
    h: Theta
    u: Theta


def _told(answered: Answered | None, now: Estimate) -> _Told:
    if answered is None:
        return _Told({}, {}, {})
    same, different = answered
    _, household, stranger = _responsibilities(different, now)
    either = np.maximum(household + stranger, _LEAST)
    return _Told(
        _tallies(same, same.counts), _tallies(different, different.counts * household / either),
        _tallies(different, different.counts * stranger / either),
    )  # fmt: skip


def _tallies(found: Patterns, weights: Floats) -> Theta:
    return {field: _tally(found, at, weights) for at, field in enumerate(found.fields)}


def _first_guess(field: str) -> Floats:
    """Mostly the best level (of names: standing where they belong), the rest spread over the others."""
    count = len(level_names(field))
    guess = np.full(count, (1 - _PERSON_FIRST) / (count - 1))
    guess[-1 if field == "name" else 0] = _PERSON_FIRST
    return guess


def _background(found: Patterns, strangers: Patterns, others: float) -> Theta:
    """Expected counts of each level among the pairs that are no candidates."""
    scale = others / max(strangers.counts.sum(), 1.0)
    return {field: _tally(strangers, strangers.fields.index(field), strangers.counts) * scale for field in found.fields}


def _tally(found: Patterns, at: int, weights: Floats) -> Floats:
    levels, size = found.levels[:, at], len(level_names(found.fields[at]))
    known = levels >= 0
    return np.bincount(levels[known], weights=weights[known], minlength=size).astype(np.float64)


def _shares(found: Patterns, at: int, weights: Floats, guess: Floats) -> Floats:
    tally = _tally(found, at, weights) + guess
    return tally / tally.sum()


def _maximised(found: Patterns, weights: Floats, background: Theta, accident: float, homes: bool) -> Theta:
    """How strangers agree; without `homes` candidates that agree best are no strangers but by accident."""
    theta: Theta = {}
    everything = max(weights.sum() + max(tally.sum() for tally in background.values()), 1.0)
    for at, field in enumerate(found.fields):
        tally = _tally(found, at, weights)
        tally[0] *= homes
        tally += background[field]
        tally += accident * min(tally.sum() / everything, 1.0) + 0.1
        theta[field] = tally / tally.sum()
    return theta


def log_likelihood(found: Patterns, theta: Theta) -> Floats:
    """log2 of each pattern's probability; a missing field says nothing."""
    total = np.zeros(len(found.levels))
    for at, field in enumerate(found.fields):
        if field not in theta:
            continue  # a model may not know a field of this table
        total += np.append(np.log2(theta[field]), 0.0)[found.levels[:, at]]
    return total


def _responsibilities(found: Patterns, now: Estimate) -> tuple[Floats, Floats, Floats]:
    shares = np.maximum((now.person, now.household, 1.0 - now.person - now.household), _LEAST)
    logs = np.stack(
        [
            log_likelihood(found, theta) + np.log2(share)
            for theta, share in zip((now.m, now.h, now.u), shares, strict=True)
        ]
    )
    logs -= logs.max(axis=0)
    weights = np.exp2(logs)
    weights /= weights.sum(axis=0)
    return weights[0], weights[1], weights[2]
