"""How alike pairs of texts are, for many pairs at once: RapidFuzz on arrays. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

#: Pairs from which threads pay.
_MANY = 5_000


def texts(values: Sequence[str], codes: NDArray[Any]) -> list[str]:
    """The values of codes."""
    return list(map(values.__getitem__, codes.tolist()))


def similarity(
    values: Sequence[str], left: NDArray[np.int64], right: NDArray[np.int64], least: float = 0.0
) -> NDArray[Any]:
    """Jaro–Winkler similarity of pairs of values, 0 to 1, and 0 below `least`; the first in the alphabet stands first.

    Values are in alphabetical order: the measure is not always the same both ways.
    """
    one, other = texts(values, np.minimum(left, right)), texts(values, np.maximum(left, right))
    return cpdist(
        one,
        other,
        scorer=JaroWinkler.similarity,
        score_cutoff=least or None,
        workers=_workers(len(left)),
        dtype=np.float64,
    )


def distance(values: Sequence[str], left: NDArray[np.int64], right: NDArray[np.int64], cutoff: int) -> NDArray[Any]:
    """Optimal string alignment distance of pairs of values; beyond `cutoff` it is `cutoff + 1`."""
    one, other = texts(values, left), texts(values, right)
    return cpdist(one, other, scorer=OSA.distance, score_cutoff=cutoff, workers=_workers(len(left)), dtype=np.uint8)


def _workers(pairs: int) -> int:
    """All processors for many pairs; for a few the threads cost more than they save."""
    return -1 if pairs > _MANY else 1
