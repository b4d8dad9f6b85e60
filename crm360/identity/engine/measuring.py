"""How alike pairs of texts are, for many pairs at once: RapidFuzz on arrays. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

Floats = NDArray[np.float64]

#: Pairs from which threads pay.
_MANY = 5_000


def texts(values: Sequence[str], codes: NDArray[Any]) -> list[str]:
    """The values at these places."""
    return list(map(values.__getitem__, codes.tolist()))


class Texts(NamedTuple):
    """Pairs of texts, of each pair the first in the alphabet left."""

    left: list[str]
    right: list[str]

    def some(self, at: NDArray[np.int64]) -> Texts:
        """The pairs at these positions."""
        return Texts(texts(self.left, at), texts(self.right, at))


def pairs(values: Sequence[str], left: NDArray[np.int64], right: NDArray[np.int64]) -> Texts:
    """The texts behind pairs of codes into values in alphabetical order."""
    return Texts(texts(values, np.minimum(left, right)), texts(values, np.maximum(left, right)))


def similarity(said: Texts) -> Floats:
    """Jaro–Winkler similarity of pairs of texts, 0 to 1.

    The measure is not always the same both ways, hence the order in a pair. RapidFuzz's cutoff is left alone: it drops
    pairs that reach it exactly, which one pair compared by itself does not.
    """
    return cpdist(*said, scorer=JaroWinkler.similarity, workers=_workers(len(said.left)), dtype=np.float64)


def distance(said: Texts, cutoff: int) -> NDArray[np.uint8]:
    """Optimal string alignment distance of pairs of texts; beyond `cutoff` it is `cutoff + 1`."""
    workers = _workers(len(said.left))
    return cpdist(*said, scorer=OSA.distance, score_cutoff=cutoff, workers=workers, dtype=np.uint8)


def _workers(pairs: int) -> int:
    """All processors for many pairs; for a few the threads cost more than they save."""
    return -1 if pairs > _MANY else 1
