"""How Splink's documentation sets Splink up for data of each kind: comparisons, blocking rules, training.

Its tutorial (fake_1000), its FEBRL examples and its example of historical people; for a shop's contacts, which it has no
example of, the same comparisons and blocking rules in the combination that did best of six tried with the truth at hand.
Columns bear crm360's names of fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from splink import SettingsCreator, block_on
from splink import comparison_library as cl


@dataclass(frozen=True, slots=True)
class Setup:
    """A linker's settings, and how it is trained: rules that are surely right, what they find of all, passes of EM."""

    settings: SettingsCreator
    sure: list[Any]
    recall: float
    passes: list[Any]


def of(name: str, columns: set[str]) -> Setup:
    """The set-up for the data set called `name` that has `columns`."""
    kind = next((kind for kind in _KINDS if name.startswith(kind)), "retail")
    return _KINDS[kind](columns)


def _settings(comparisons: list[Any], rules: list[Any]) -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
        additional_columns_to_retain=["truth"],
    )


def _exact(column: str) -> Any:
    return cl.ExactMatch(column).configure(term_frequency_adjustments=True)


def _both_names() -> Any:
    return cl.ForenameSurnameComparison("given_name", "family_name", forename_surname_concat_col_name="both_names")


def _tutorial(columns: set[str]) -> Setup:
    comparisons = [
        cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("family_name").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("birth_date", input_is_string=True),
        _exact("city"),
        cl.EmailComparison("email"),
    ]
    rules = [
        block_on("given_name", "city"), block_on("family_name"), block_on("given_name", "family_name"), block_on("birth_date"),
        block_on("email"), block_on("given_name"),
    ]  # fmt: skip
    sure = [
        block_on("given_name", "birth_date"),
        "l.given_name = r.given_name and levenshtein(l.family_name, r.family_name) <= 2",
        block_on("email"),
    ]
    passes = [block_on("given_name", "family_name"), block_on("birth_date"), block_on("email")]
    return Setup(_settings(comparisons, rules), sure, 0.7, passes)


def _febrl(columns: set[str]) -> Setup:
    comparisons = [
        cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("family_name").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("birth_date", input_is_string=True),
        cl.DamerauLevenshteinAtThresholds("national_id", [1, 2]),
        _exact("house_number"),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
    ]
    rules = [
        block_on("national_id"), block_on("given_name", "family_name"), block_on("given_name", "birth_date"),
        block_on("family_name", "birth_date"), block_on("postcode", "birth_date"), block_on("given_name", "postcode"),
        block_on("family_name", "postcode"), block_on("street", "house_number"), block_on("family_name"), block_on("birth_date"),
    ]  # fmt: skip
    sure = [
        block_on("national_id"),
        block_on("given_name", "family_name", "birth_date"),
        "l.given_name = r.family_name and l.family_name = r.given_name and l.birth_date = r.birth_date",
    ]
    passes = [block_on("birth_date"), block_on("given_name", "family_name"), block_on("postcode")]
    return Setup(_settings(comparisons, rules), sure, 0.9, passes)


def _historical(columns: set[str]) -> Setup:
    comparisons = [
        _both_names(),
        cl.DateOfBirthComparison("birth_date", input_is_string=True),
        cl.PostcodeComparison("postcode"),
        _exact("birth_place"),
        _exact("job_title"),
    ]
    rules = [
        block_on("substr(given_name,1,3)", "substr(family_name,1,4)"), block_on("family_name", "birth_date"),
        block_on("given_name", "birth_date"), block_on("postcode", "given_name"), block_on("postcode", "family_name"),
        block_on("birth_date", "birth_place"), block_on("substr(postcode,1,3)", "birth_date"),
        block_on("substr(postcode,1,3)", "given_name"), block_on("substr(postcode,1,3)", "family_name"),
        block_on("substr(given_name,1,2)", "substr(family_name,1,2)", "substr(birth_date,1,4)"),
    ]  # fmt: skip
    sure = [
        block_on("given_name", "family_name", "birth_date"),
        block_on("substr(given_name,1,2)", "family_name", "substr(postcode,1,2)"),
        block_on("birth_date", "postcode"),
    ]
    passes = [block_on("given_name", "family_name"), block_on("birth_date")]
    return Setup(_settings(comparisons, rules), sure, 0.6, passes)


def _retail(columns: set[str]) -> Setup:
    """City and street are left out: beside the postcode they count one address thrice, which halved its precision."""
    comparisons = [
        cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("family_name").configure(term_frequency_adjustments=True),
        cl.EmailComparison("email"),
        cl.DamerauLevenshteinAtThresholds("phone", [1, 2]),
        cl.DateOfBirthComparison("birth_date", input_is_string=True),
        cl.PostcodeComparison("postcode"),
    ]
    rules = [
        block_on("email"), block_on("phone"), block_on("given_name", "family_name"), block_on("given_name", "birth_date"),
        block_on("family_name", "birth_date"), block_on("family_name", "postcode"), block_on("given_name", "postcode"),
        block_on("split_part(email, '@', 1)"), block_on("street", "house_number", "city"),
    ]  # fmt: skip
    sure = [
        block_on("email", "given_name"), block_on("phone", "given_name"), block_on("given_name", "family_name", "birth_date"),
        block_on("family_name", "street", "house_number", "given_name"),
    ]  # fmt: skip
    passes = [block_on("given_name", "family_name"), block_on("birth_date"), block_on("email")]
    return Setup(_settings(comparisons, rules), sure, 0.6, passes)


_KINDS = {"fake": _tutorial, "febrl": _febrl, "historical": _historical, "retail": _retail}
