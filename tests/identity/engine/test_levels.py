"""Batch and online comparison give the same level for the same two contacts."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crm360.identity import comparing
from crm360.identity.compared import compared_form
from crm360.identity.engine import few, fields, levels
from crm360.identity.engine.table import Column
from crm360.identity.levels import family_level
from crm360.normalise import name

GIVEN = [
    "Anna",
    "Ania",
    "Aleksandra",
    "Ola",
    "Aleksander",
    "Jan",
    "Janek",
    "Jon",
    "A.",
    "Anna Maria",
    "Maria Anna",
    "Krzysztof",
]
GIVEN += [
    "Krzystof",
    "Kowalska",
    "Nowak",
    "Robert",
    "Bob",
    "Bartłomiej",
    "Bartlomej",
    "Bartlomeja",
    "Ewa",
    "Eaw",
    "Osrac",
    "Oscar",
    "Charles",
    "Charlotte",
    "",
    "X",
    "Małgorzata",
    "Margaret",
]
FAMILY = [
    "Kowalski",
    "Kowalska",
    "Kowalsky",
    "Kowalska-Nowak",
    "Nowak",
    "Nowek",
    "van der Berg",
    "Berg",
    "Lis",
    "Las",
    "Lsi",
    "Jones",
    "Josen",
    "Anna",
]
FAMILY += ["Wiśniewski", "Wisniewska", "Jan", "", "Wojcik", "Wójcikowski", "Smith", "Smyth", "McDonald"]
DATES = [
    "1980-02-03",
    "1980-03-02",
    "1980-02-13",
    "1981-02-03",
    "1980-02-04",
    "1990-12-31",
    "1979-12-31",
    "",
    "1860-06-07",
    "19800203",
]
EMAILS = [
    "anna.kowalska@wp.pl",
    "anna.kowalska@o2.pl",
    "ana.kowalska@wp.pl",
    "ak@example.com",
    "ak@exmaple.com",
    "jan@nowak.pl",
]
EMAILS += ["anna.kowalski@wp.pl", "a.kowalska@gmail.com", "akowalska@gmail.com", "", "kowalska@example.org"]
PHONES = ["+48601234567", "601 234 567", "+44601234567", "601234568", "602999888", ""]
STREETS = ["ul. Długa", "Dluga", "Długosza", "High Street", "High St", "Lipowa", ""]
CITIES = ["Warszawa", "Warsaw", "Warszwa", "Kraków", "Krakow", "Gdańsk", ""]
CODES = ["00-950", "00-951", "00950", "31-002", ""]

people = st.fixed_dictionaries(
    {
        "given_name": st.sampled_from(GIVEN), "family_name": st.sampled_from(FAMILY), "birth_date": st.sampled_from(DATES),
        "email": st.sampled_from(EMAILS), "phone": st.sampled_from(PHONES), "street": st.sampled_from(STREETS),
        "house_number": st.sampled_from(["1", "1/2", "12", ""]), "city": st.sampled_from(CITIES),
        "postcode": st.sampled_from(CODES), "national_id": st.sampled_from(["44051401359", "5130911", "5130912", "5139921", ""]),
    }
)  # fmt: skip


def online(left: dict[str, str], right: dict[str, str]) -> dict[str, str]:
    return {finding.field: finding.level for finding in comparing.compare(_form(left), _form(right))}


def _form(person: dict[str, str]) -> Any:
    found = [
        (kind, normal)
        for kind in ("email", "phone", "national_id")
        if (normal := fields.identifier(kind, person[kind], "PL"))  # type: ignore[arg-type]
    ]
    return compared_form({name: {"value": value, "at": ""} for name, value in person.items() if value}, found)


def batch(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Levels of row 0 against each other row, the mailbox's name aside (a model's matter, not a comparison's)."""
    columns = fields.prepare({field: [row[field] for row in rows] for field in rows[0]})
    left, right = np.zeros(len(rows) - 1, dtype=np.int32), np.arange(1, len(rows), dtype=np.int32)
    found = levels.compare(columns, left, right)
    assert_the_same(levels._many(columns, left, right, {}), few.compare(columns, left, right, {}))
    return [
        {
            "email" if field == "named_email" else field: levels.level_names(field)[level[at]]
            for field, level in found.items()
            if level[at] >= 0 and levels.level_names(field)[level[at]] != levels.STRAIGHT
        }
        for at in range(len(rows) - 1)
    ]


def assert_the_same(many: dict[str, levels.Levels], few_: dict[str, levels.Levels]) -> None:
    """On arrays and one by one: the same levels for all pairs."""
    assert {field: found.tolist() for field, found in many.items()} == {
        field: found.tolist() for field, found in few_.items()
    }


@settings(deadline=None, max_examples=300)
@given(st.lists(people, min_size=2, max_size=6))
def test_a_table_is_compared_as_contacts_are(rows: list[dict[str, str]]) -> None:
    for told, row in zip(batch(rows), rows[1:], strict=True):
        expected = online(rows[0], row)
        if "email" not in told and expected.get("email") in ("same name", "alike"):
            del expected["email"]  # made of the names, which agree: it says nothing beside them
        assert told == expected


@settings(deadline=None)
@given(people, people)
def test_which_row_comes_first_does_not_matter(one: dict[str, str], other: dict[str, str]) -> None:
    assert batch([one, other]) == batch([other, one])


words = st.text(alphabet="abdeiklmnorsz", min_size=1, max_size=9)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(words, words), min_size=2, max_size=8))
def test_invented_names_too(names: list[tuple[str, str]]) -> None:
    rows = [dict.fromkeys(["birth_date", "email", "phone", "street", "house_number", "city", "postcode", "national_id"], "")
            | {"given_name": one, "family_name": other} for one, other in names]  # fmt: skip
    assert batch(rows) == [online(rows[0], row) for row in rows[1:]]


words = st.text("abklosw", min_size=1, max_size=9)


@given(
    st.lists(
        st.one_of(words, st.builds("{} {}".format, words, words)).map(name.family), min_size=2, max_size=12, unique=True
    )
)
def test_family_names_agree_alike_in_arrays_and_one_by_one(said: list[str]) -> None:
    values = tuple(sorted(filter(None, said)))
    pairs = np.array([(a, b) for b in range(len(values)) for a in range(b)], dtype=np.int64).reshape(-1, 2)
    found = levels.family(Column(np.empty(0, np.int32), values), pairs[:, 0], pairs[:, 1])
    names = levels.level_names("family_name")
    assert [names[at] for at in found] == [family_level(values[a], values[b]) for a, b in pairs.tolist()]
