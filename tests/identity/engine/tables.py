"""Small tables of people for tests of the engine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crm360.identity.engine import fields, resolution
from crm360.identity.engine.model import Model

Cell = str | None


def resolved(
    raw: dict[str, Sequence[Cell]], keys: Sequence[str] | None = None, model: Model | None = None
) -> resolution.Resolution:
    return resolution.resolve(fields.prepare(raw), keys, model=model)


def persons(found: resolution.Resolution, keys: Sequence[str]) -> set[frozenset[str]]:
    """The partition as sets of keys."""
    groups: dict[int, set[str]] = {}
    for key, profile in zip(keys, found.profiles.tolist(), strict=True):
        groups.setdefault(profile, set()).add(key)
    return {frozenset(group) for group in groups.values()}


def precision_and_recall(profiles: Sequence[int], truth: Sequence[object]) -> tuple[float, float]:
    """Over all pairs of rows the partitions imply."""
    _, codes = np.unique(np.array([str(one) for one in truth]), return_inverse=True)
    labels = np.asarray(profiles, dtype=np.int64)
    both = _pairs(labels * (int(codes.max()) + 1) + codes)
    return both / max(_pairs(labels), 1), both / max(_pairs(codes), 1)


def _pairs(labels: np.ndarray) -> int:
    counts = np.unique(labels, return_counts=True)[1].astype(np.int64)
    return int((counts * (counts - 1) // 2).sum())
