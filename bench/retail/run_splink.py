"""One set resolved by Splink on DuckDB: `python run_splink.py SET` prints its figures as JSON.

Settings as Splink's documentation gives them for people (its quickstart, the FEBRL and the historical people examples):
library comparisons with term frequencies, its usual blocking rules, u by random sampling, m by EM over two passes,
clusters at p >= .95. Both engines get the same normalised columns without placeholders.
"""

from __future__ import annotations

import logging
import sys
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink import comparison_library as cl

from bench.retail import labelled, measures
from crm360.identity.engine import fields

_JOIN = 0.95
_RULES = (
    ("given_name", "family_name"), ("given_name", "birth_date"), ("family_name", "birth_date"), ("email",), ("phone",),
    ("national_id",), ("postcode", "family_name"), ("postcode", "birth_date"), ("city", "birth_date"), ("postcode", "given_name"),
    ("birth_place", "birth_date"), ("birth_place", "family_name"), ("given_name", "city"), ("family_name", "city"),
    ("birth_date",), ("street", "house_number"),
)  # fmt: skip
_TRAINING = (("given_name", "family_name"), ("birth_date",), ("email",))


def main(name: str) -> None:
    """Measured from a data frame in memory to clusters."""
    logging.disable(logging.CRITICAL)
    data = labelled.load(name)
    assert data is not None
    frame = _frame(data)
    truth = dict(zip(data.ids, measures.codes(data.truth).tolist(), strict=True))
    started = perf_counter()
    linker = Linker(DuckDBAPI().register(frame), _settings(set(frame)), log_level=None)
    _train(linker, set(frame))
    scored = linker.inference.predict(threshold_match_probability=0.01)
    clustered = linker.clustering.cluster_pairwise_predictions_at_threshold(scored, threshold_match_probability=_JOIN)
    rows = clustered.as_pandas_dataframe()
    seconds = perf_counter() - started
    real = np.array([truth[one] for one in rows["unique_id"]])
    pairs = scored.as_pandas_dataframe()
    sure = pairs[pairs["match_probability"] >= _JOIN]
    same = np.array(
        [truth[one] == truth[other] for one, other in zip(sure["unique_id_l"], sure["unique_id_r"], strict=True)]
    )
    precise = {"p>=.95": float(same.mean())} if len(same) else {}
    found = measures.codes(rows["cluster_id"].astype(str).tolist())
    measures.report(**measures.clusters(found, real), **precise, seconds=seconds)


def _frame(data: labelled.Labelled) -> pd.DataFrame:
    """The columns as crm360 compares them: normalised, placeholders left out."""
    mapping = fields.recognise(list(data.cells))
    prepared = fields.prepare({field: data.cells[column] for column, field in mapping.items()})
    names = {"given": "given_name", "family": "family_name", "house": "house_number"}
    cells = {
        names.get(name, name): np.array([*column.values, None], dtype=object)[column.codes]
        for name, column in prepared.items()
    }
    return pd.DataFrame({"unique_id": data.ids, **cells})


def _settings(columns: set[str]) -> SettingsCreator:
    comparisons: dict[str, Any] = {
        "given_name": cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
        "family_name": cl.NameComparison("family_name").configure(term_frequency_adjustments=True),
        "birth_date": cl.DateOfBirthComparison("birth_date", input_is_string=True),
        "email": cl.EmailComparison("email"),
        "phone": cl.LevenshteinAtThresholds("phone", [1, 2]),
        "national_id": cl.LevenshteinAtThresholds("national_id", [1, 2]),
        "city": cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        "postcode": cl.PostcodeComparison("postcode"),
        "street": cl.JaroWinklerAtThresholds("street", [0.9, 0.8]),
        "birth_place": cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
        "job_title": cl.ExactMatch("job_title").configure(term_frequency_adjustments=True),
    }
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[made for column, made in comparisons.items() if column in columns],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in _RULES if columns.issuperset(rule)],
    )


def _train(linker: Linker, columns: set[str]) -> None:
    sure = [rule for rule in (*_RULES[:4], ("national_id",)) if columns.issuperset(rule)]
    linker.training.estimate_probability_two_random_records_match([block_on(*rule) for rule in sure], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for rule in [rule for rule in _TRAINING if columns.issuperset(rule)][:2]:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))


if __name__ == "__main__":
    main(sys.argv[1])
