"""One set resolved by Splink on DuckDB: `python run_splink.py SET` prints its figures as JSON.

Set up as its documentation does it (`splink_settings`), clusters at p >= .95 by its own clustering. It gets the columns crm360
compares, normalised and without placeholders, before its clock starts; "best F1" is that of the threshold the truth
itself would choose, which nobody has.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from splink import DuckDBAPI, Linker

from bench.retail import labelled, measures, splink_settings
from bench.retail.window import Window
from crm360.identity.engine import fields

_JOIN = 0.95
_SEEN = 0.01
_THRESHOLDS = (0.05, 0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999, 0.999999)


def main(name: str) -> None:
    """Measured from a data frame in memory to clusters."""
    logging.disable(logging.CRITICAL)
    data = labelled.load(name)
    assert data is not None
    frame = _frame(data)
    setup = splink_settings.of(name, set(frame))
    del data
    with Window() as window:
        api = DuckDBAPI()
        linker = Linker(api.register(frame), setup.settings, log_level=None)
        _train(linker, setup)
        scored = linker.inference.predict(threshold_match_probability=_SEEN)
        clustered = linker.clustering.cluster_pairwise_predictions_at_threshold(
            scored, threshold_match_probability=_JOIN
        )
        rows = clustered.as_pandas_dataframe()
    found = measures.clusters(measures.codes(rows["cluster_id"].astype(str).tolist()), rows["truth"].to_numpy())
    pairs = scored.as_pandas_dataframe()
    sure = pairs[pairs["match_probability"] >= _JOIN]
    precise = {"p>=.95": float((sure["truth_l"] == sure["truth_r"]).mean())} if len(sure) else {}
    best = {"best F1": _best(frame, pairs)}
    everything = linker.inference.predict()
    right = f"select count(*) as found from {everything.physical_name} where truth_l = truth_r"
    share = api._execute_sql_against_backend(right).fetchall()[0][0] / measures.pairs_within(frame["truth"].to_numpy())
    measures.report(**found, candidates=float(share), **precise, **best, **window.figures())


def _frame(data: labelled.Labelled) -> pd.DataFrame:
    """The columns as crm360 compares them: normalised, placeholders left out."""
    mapping = fields.recognise(list(data.cells))
    prepared = fields.prepare({field: data.cells[column] for column, field in mapping.items()})
    names = {"given": "given_name", "family": "family_name", "house": "house_number"}
    cells: dict[str, Any] = {
        names.get(name, name): np.array([*column.values, None], dtype=object)[column.codes]
        for name, column in prepared.items()
    }
    frame = pd.DataFrame({"unique_id": np.arange(len(data.ids)), **cells, "truth": measures.codes(data.truth)})
    frame["both_names"] = frame["given_name"] + " " + frame["family_name"]
    return frame


def _train(linker: Linker, setup: splink_settings.Setup) -> None:
    linker.training.estimate_probability_two_random_records_match(setup.sure, recall=setup.recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in setup.passes:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)


def _best(frame: pd.DataFrame, pairs: pd.DataFrame) -> float:
    """The highest F1 of its clusters (connected components) at any threshold."""
    left, right = pairs["unique_id_l"].to_numpy(), pairs["unique_id_r"].to_numpy()
    sure, truth = pairs["match_probability"].to_numpy(), frame["truth"].to_numpy()

    def at(threshold: float) -> float:
        kept = sure >= threshold
        graph = coo_array((np.ones(int(kept.sum()), np.int8), (left[kept], right[kept])), shape=(len(truth),) * 2)
        return measures.clusters(connected_components(graph, directed=False)[1].astype(np.int64), truth)["F1"]

    return max(map(at, _THRESHOLDS))


if __name__ == "__main__":
    main(sys.argv[1])
