"""How well clusters and pairs agree with the truth."""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]


def codes(names: list[str]) -> Labels:
    """Numbers for names."""
    return np.unique(np.array(names), return_inverse=True)[1].astype(np.int64)


def pairs_within(labels: Labels) -> int:
    """How many pairs of rows share a label."""
    counts = np.unique(labels, return_counts=True)[1].astype(np.int64)
    return int((counts * (counts - 1) // 2).sum())


def clusters(found: Labels, truth: Labels) -> dict[str, float]:
    """Pairwise precision, recall and F1, and B-cubed F1 (Bagga and Baldwin 1998)."""
    _both, back, sizes = np.unique(found * (truth.max() + 1) + truth, return_inverse=True, return_counts=True)
    joint = sizes[back]
    own = np.unique(found, return_inverse=True, return_counts=True)
    real = np.unique(truth, return_inverse=True, return_counts=True)
    hits = int((sizes.astype(np.int64) * (sizes - 1) // 2).sum())
    precision, recall = hits / max(pairs_within(found), 1), hits / max(pairs_within(truth), 1)
    b_precision, b_recall = float((joint / own[2][own[1]]).mean()), float((joint / real[2][real[1]]).mean())
    return {"precision": precision, "recall": recall, "F1": _f1(precision, recall), "B3": _f1(b_precision, b_recall)}


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / max(precision + recall, 1e-9)


def report(**figures: float) -> None:
    """Print the figures as one line of JSON."""
    print(json.dumps(figures))
