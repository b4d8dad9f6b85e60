"""What `dedupe --model M` makes of a file is what the database makes of the same rows where M is in force: in any order."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.retail import contacts as retail
from crm360.facts import ContactRef, ContactSeen, Identifier
from crm360.flows import reidentify
from crm360.identity import in_force, model_versions, rebuilding
from crm360.identity.engine import fields, model, resolution
from tests.identity.engine import tables
from tests.identity.people import NOW, partition, receive

pytestmark = pytest.mark.usefixtures("app")

IDENTIFIERS = {
    "email": "email",
    "phone": "phone",
    "card_no": "card",
    "customer_id": "customer_id",
    "national_id": "national_id",
}
FIELDS = (
    "given_name", "family_name", "full_name", "birth_date", "street", "house_number", "city", "postcode", "country", "company", "birth_place",
)  # fmt: skip
Row = dict[str, str]


@cache
def trained(seed: int) -> model.Model:
    """A model the engine trains, as its document says it: on one shop, or another with half of its columns."""
    columns = (
        ("given_name", "family_name", "email", "phone", "birth_date", "city") if seed % 2 else (*FIELDS, *IDENTIFIERS)
    )
    rows = shop(900, seed)
    raw = {name: [row.get(name) for row in rows] for name in columns if any(row.get(name) for row in rows)}
    found = resolution.resolve(fields.prepare(raw), None).model
    return model.from_document(json.loads(json.dumps(model.as_document(found))))


@cache
def shop(rows: int, seed: int) -> tuple[Row, ...]:
    """Generated contacts; some say their name in one field, or their door in one."""
    chance = random.Random(seed)
    made: list[Row] = []
    for one in retail.contacts(rows, seed=seed):
        row = {name: value for name in (*FIELDS, *IDENTIFIERS) if (value := getattr(one, name, ""))}
        if chance.random() < 0.1 and "given_name" in row and "family_name" in row:
            row["full_name"] = f"{row.pop('given_name')} {row.pop('family_name')}"
        if chance.random() < 0.2 and "street" in row and "house_number" in row:
            row["street"] = f"{row['street']} {row.pop('house_number')}"
        made.append(row)
    return tuple(made)


CELLS = {
    "given_name": ["Anna", "Ania", "Piotr", "A.", "Kowalska", "brak"],
    "family_name": ["Kowalska", "Kowalski", "Nowak", "Lis", "Anna"],
    "full_name": ["Anna Kowalska", "Nowak Piotr"],
    "birth_date": ["1980-05-12", "1980-12-05", "1961-02-03"],
    "email": ["anna.kowalska@wp.pl", "dom@wp.pl", "biuro@firma.pl", "brak@brak.pl"],
    "phone": ["602 123 456", "+48602123457", "000000000"],
    "card_no": ["70047", "70048"],
    "customer_id": ["web:1", "web:2", "shop:1"],
    "national_id": ["44051401359", "02070803628"],
    "street": ["Długa", "ul. Długa 12", "Lipowa"],
    "house_number": ["12", "14"],
    "city": ["Kraków", "Gdańsk"],
    "postcode": ["31-146", "80-180", "SW1A 1AA"],
    "country": ["PL", "GB"],
    "company": ["Kowalscy s.c."],
    "birth_place": ["Kraków", "Łódź"],
}
ANYBODY = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in CELLS.items()})


def batch(rows: Sequence[Row], by: model.Model) -> Any:
    keys = [f"r{number:03}" for number in range(len(rows))]
    raw = {
        name: [row.get(name) for row in rows] for name in (*FIELDS, *IDENTIFIERS) if any(name in row for row in rows)
    }
    prepared = fields.prepare(raw)
    if not any(column.values for column in prepared.values()):  # nothing but placeholders: nobody to find
        return frozenset(frozenset([key]) for key in keys)
    found = resolution.resolve(prepared, keys, model=by)
    return frozenset(tables.persons(found, keys))


def told(number: int, row: Row) -> ContactSeen:
    return ContactSeen(
        ref=ContactRef("list", f"r{number:03}"), occurred_at=NOW,
        fields={name: row[name] for name in FIELDS if name in row},
        identifiers=tuple(Identifier(kind, row[name]) for name, kind in IDENTIFIERS.items() if name in row),  # type: ignore[arg-type]
    )  # fmt: skip


def online(session: Any, rows: Sequence[Row], by: model.Model, chance: random.Random) -> Any:
    """The same rows, one by one and in batches, in an order of their own; rolled back."""
    point = session.begin_nested()
    try:
        stored = model_versions.store(document=model.as_document(by), by="test", now=NOW)
        model_versions.request_activation(model_id=stored, by="test", now=NOW)
        statements = [told(number, row) for number, row in enumerate(rows)]
        chance.shuffle(statements)
        while statements:
            size = chance.choice([1, 1, 2, 5, 40])
            receive(statements[:size])
            statements = statements[size:]
        assert in_force.current().id == stored
        assert rebuilding.rebuild().in_order
        return partition()
    finally:
        point.rollback()
        in_force.forget()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_shops_file_and_its_arriving_contacts_are_the_same_people(session: Any, database: str, seed: int) -> None:
    rows = shop(160 if database == "sqlite" else 60, 50 + seed)
    assert online(session, rows, trained(seed), random.Random(seed)) == batch(rows, trained(seed))


def test_any_file_and_its_arriving_contacts_are_the_same_people(session: Any, database: str) -> None:
    @settings(max_examples=60 if database == "sqlite" else 8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(ANYBODY.filter(bool), min_size=2, max_size=14), st.integers(1, 2), st.integers(0, 10_000))
    def holds(rows: list[Row], seed: int, order: int) -> None:
        assert online(session, rows, trained(seed), random.Random(order)) == batch(rows, trained(seed))

    holds()


def test_another_model_takes_effect_with_one_recomputation(session: Any) -> None:
    rows = shop(60, 77)
    receive([told(number, row) for number, row in enumerate(rows)])
    stored = model_versions.store(document=model.as_document(trained(1)), by="test", now=NOW)
    model_versions.request_activation(model_id=stored, by="test", now=NOW)
    assert reidentify.make_effective(now=NOW) == len(rows)
    assert in_force.current().id == stored
    assert partition() == batch(rows, trained(1))
    assert rebuilding.rebuild().in_order
    receive([told(len(rows) + number, row) for number, row in enumerate(shop(20, 78))])
    assert rebuilding.rebuild().in_order
