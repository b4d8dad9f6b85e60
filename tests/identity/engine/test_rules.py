"""Blocking rules: one contact's keys and a whole table's blocks are the same, and a table chooses the rules it needs."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm360.identity.engine import candidates, choosing, derived, fields, resolution, rules
from crm360.identity.engine.rules import Rule
from tests.identity.engine.test_levels import people
from tests.identity.engine.test_resolution import shop

NAMES = sorted({name for columns in rules.possible() for name in columns})
TRIED = [Rule(columns, 60) for columns in rules.possible()]


def forms(rows: list[dict[str, str]]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The table's compared columns, and each row as the compared form of a contact."""
    columns = fields.prepare({field: [row[field] for row in rows] for field in rows[0]})
    return columns, [
        {name: column.values[column.codes[at]] for name, column in columns.items() if column.codes[at] >= 0}
        for at in range(len(rows))
    ]


@settings(deadline=None)
@given(st.lists(people, min_size=1, max_size=6))
def test_a_contact_has_the_columns_its_table_has(rows: list[dict[str, str]]) -> None:
    columns, contacts = forms(rows)
    for name in NAMES:
        column = derived.column(columns, name)
        for at, contact in enumerate(contacts):
            held = column is not None and column.codes[at] >= 0
            expected = (column.values[column.codes[at]],) if held and column else ()
            assert derived.of(contact, name) == expected, name


@settings(deadline=None)
@given(st.lists(people, min_size=2, max_size=6))
def test_contacts_share_a_key_where_their_table_makes_them_candidates(rows: list[dict[str, str]]) -> None:
    columns, contacts = forms(rows)
    found = candidates.find(candidates.Source(columns, len(rows)), TRIED)
    left, right = candidates.ends(found, len(rows))
    keys = [set(rules.keys(TRIED, contact)) for contact in contacts]
    expected = {(a, b) for a, b in combinations(range(len(rows)), 2) if keys[a] & keys[b]}
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == expected


def test_several_addresses_make_several_keys() -> None:
    form = {"email": ["anna.kowalska@wp.pl", "akowalska@o2.pl"], "given": "anna"}
    assert derived.of(form, "email_local") == ("akowalska", "anna.kowalska")
    assert len(rules.keys([Rule(("email",), 5), Rule(("given", "email_local"), 5), Rule(("phone",), 5)], form)) == 4


def test_keys_are_the_same_on_every_machine() -> None:
    assert rules.key(("given", "city"), ("anna", "krakow")) == -4614696185339013692


@pytest.mark.parametrize(("limit", "pairs"), [(2, 0), (3, 3)])
def test_a_block_beyond_its_limit_proposes_nothing(limit: int, pairs: int) -> None:
    columns = fields.prepare({"email": ["anna@wp.pl"] * 3 + ["jan@wp.pl"]})
    assert len(candidates.find(candidates.Source(columns, 4), [Rule(("email",), limit)])) == pairs


def test_rules_come_from_the_table_and_stay_with_the_model() -> None:
    raw, keys, _ = shop(600)
    trained = resolution.resolve(fields.prepare(raw), keys).model
    held = {column for rule in trained.blocking for column in rule.columns}
    assert {"email", "phone_end"} <= held | {"email_local"}
    assert not held & {"birth_place", "job_title", "national_id"}
    half = {field: cells[:300] for field, cells in raw.items()}
    assert resolution.resolve(fields.prepare(half), keys[:300], model=trained).model is trained


def test_a_rule_for_a_column_a_table_lacks_is_passed_over() -> None:
    columns = fields.prepare({"email": ["anna@wp.pl"] * 2})
    found = candidates.find(candidates.Source(columns, 2), [Rule(("national_id",), 9), Rule(("email", "city"), 9)])
    assert np.array_equal(found, np.empty(0, dtype=np.uint64))


def test_rules_are_chosen_for_what_only_they_find() -> None:
    """Two rules propose the same likely pairs; the one that proposes nothing else is taken, the other is not."""
    every = np.full(4, 3, dtype=np.int8)
    sharp = choosing.Trial(("email",), np.arange(4), every, 8, np.array([4.0] * 5))
    wide = choosing.Trial(("city",), np.arange(9), np.full(9, 3, dtype=np.int8), 8, np.array([4e9] * 5))
    other = choosing.Trial(("phone_end",), np.array([8]), np.array([0], dtype=np.int8), 2, np.array([1.0] * 5))
    likely = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    chosen = choosing.choose([wide, sharp, other], likely, scale=1.0)
    assert {(rule.columns, rule.limit) for rule in chosen} == {(("phone_end",), 5), (("email",), 35)}
