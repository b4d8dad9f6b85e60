"""One set resolved by crm360: `python run_crm360.py SET` prints its figures as JSON."""

from __future__ import annotations

import sys

import numpy as np

from bench.retail import labelled, measures
from bench.retail.window import Window
from crm360.identity.engine import fields, resolution
from crm360.identity.engine.model import bits


def main(name: str) -> None:
    """Measured from cells in memory to profiles; reading the file is not."""
    data = labelled.load(name)
    assert data is not None
    truth = measures.codes(data.truth)
    with Window() as window:
        mapping = fields.recognise(list(data.cells))
        prepared = fields.prepare({field: data.cells[column] for column, field in mapping.items()})
        found = resolution.resolve(prepared, data.ids)
    same = truth[found.left] == truth[found.right]
    sure = found.weights >= bits(0.95)
    measures.report(
        **measures.clusters(np.asarray(found.profiles), truth),
        candidates=float(same.sum() / measures.pairs_within(truth)),
        **{"p>=.95": float(same[sure].mean()) if sure.any() else 0.0},
        **window.figures(),
    )


if __name__ == "__main__":
    main(sys.argv[1])
