"""Levels and weights of two contacts side by side."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.identity import comparing, shipped
from crm360.identity.compared import Compared, compared_form
from crm360.identity.engine.levels import level_names
from crm360.identity.levels import LEVELS
from crm360.identity.small_table import SmallTable


def form(*found: tuple[str, str], **fields: str) -> Compared:
    return compared_form({name: {"value": value, "at": ""} for name, value in fields.items()}, found)


def levels(left: Compared, right: Compared, *shared: str) -> dict[str, str]:
    return {finding.field: finding.level for finding in comparing.compare(left, right, {"email": shared})}


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ({"given_name": "Ola"}, {"given_name": "Aleksandra"}, {"given_name": "nickname"}),
        ({"given_name": "A."}, {"given_name": "Anna"}, {"given_name": "initial"}),
        ({"given_name": "Jan"}, {"given_name": "Janina"}, {"given_name": "different"}),
        ({"family_name": "Kowalska"}, {"family_name": "Kowalski"}, {"family_name": "same"}),
        ({"family_name": "Nowak-Lis"}, {"family_name": "Lis"}, {"family_name": "part"}),
        ({"family_name": "Kowalski"}, {"family_name": "Kowlaski"}, {"family_name": "similar"}),
        ({"family_name": "Lis"}, {"family_name": "Lik"}, {"family_name": "alike"}),
        ({"family_name": "Jones"}, {"family_name": "Josen"}, {"family_name": "alike"}),
        ({"family_name": "Lis"}, {"family_name": "Bis"}, {"family_name": "different"}),
        ({"family_name": "Li"}, {"family_name": "Lu"}, {"family_name": "different"}),
        ({"given_name": "Oscar"}, {"given_name": "Osrac"}, {"given_name": "similar"}),
        ({"given_name": "Charles"}, {"given_name": "Charlotte"}, {"given_name": "different"}),
        ({"given_name": "Kowalska", "family_name": "Anna"}, {"given_name": "Anna", "family_name": "Kowalska"}, {"name": "swapped"}),
        ({"birth_date": "1980-05-12"}, {"birth_date": "12.05.1980"}, {"birth_date": "same"}),
        ({"birth_date": "1980-05-12"}, {"birth_date": "1980-12-05"}, {"birth_date": "close"}),
        ({"birth_date": "1980-05-12"}, {"birth_date": "1980-05-13"}, {"birth_date": "close"}),
        ({"birth_date": "1980-05-12"}, {"birth_date": "1980-05-27"}, {"birth_date": "part"}),
        ({"birth_date": "1980-05-12"}, {"birth_date": "1957-11-30"}, {"birth_date": "different"}),
        ({"street": "ul. Długa 12", "city": "Kraków"}, {"street": "Dluga", "house_number": "12", "city": "Krakow"}, {"address": "same door"}),
        ({"street": "Długa 12", "city": "Kraków"}, {"street": "Długa 14", "city": "Kraków"}, {"address": "same street"}),
        ({"street": "Długa 12", "city": "Kraków"}, {"street": "Długa 12", "city": "Gdańsk"}, {"address": "different"}),
        ({"city": "Kraków"}, {"city": "krakow"}, {"address": "same city"}),
        ({"postcode": "31-146"}, {"postcode": "31146"}, {"address": "same postcode"}),
        ({"given_name": "Anna"}, {"family_name": "Lis"}, {}),
    ],
)  # fmt: skip
def test_levels_of_fields(left: dict[str, str], right: dict[str, str], expected: dict[str, str]) -> None:
    assert levels(form(**left), form(**right)) == expected
    assert levels(form(**right), form(**left)) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([("email", "a@wp.pl")], [("email", "a@wp.pl")], {"email": "same"}),
        ([("email", "kowalska@wp.pl")], [("email", "kowalska@o2.pl")], {"email": "same name"}),
        ([("email", "biuro@firma.pl")], [("email", "biuro@firma.pl")], {"email": "shared by many"}),
        ([("phone", "+48602123456")], [("phone", "+48602123456"), ("phone", "+48602000111")], {"phone": "same"}),
        ([("phone", "+48602123456")], [("phone", "+48602123450")], {"phone": "similar"}),
        ([("phone", "+48602123456")], [("phone", "+48602555450")], {"phone": "different"}),
        ([("customer_id", "shop:1")], [("customer_id", "shop:2")], {"customer_id": "different"}),
        ([("customer_id", "shop:1")], [("customer_id", "till:2")], {}),
        ([("national_id", "44051401359")], [("national_id", "44051401358")], {"national_id": "similar"}),
        ([("device", "x")], [("device", "x")], {}),
    ],
)
def test_levels_of_identifiers(left: Any, right: Any, expected: dict[str, str]) -> None:
    assert levels(form(*left), form(*right)) == expected


def test_a_value_of_many_people_counts_little() -> None:
    one, other = form(("email", "dom@wp.pl")), form(("email", "dom@wp.pl"))
    assert levels(one, other, "dom@wp.pl") == {"email": "shared by many"}


def test_a_better_shared_value_hides_a_weak_one() -> None:
    both = form(("email", "dom@wp.pl"), ("email", "anna@wp.pl"))
    assert levels(both, both, "dom@wp.pl")["email"] == "same"


FORMS = st.builds(
    lambda given_name, family, born, mail, phone, city: form(
        *(("email", m) for m in mail), *(("phone", p) for p in phone),
        given_name=given_name, family_name=family, birth_date=born, city=city,
    ),
    st.text(max_size=8), st.text(max_size=8), st.sampled_from(["", "1980-05-12", "12.05.1980", "x"]),
    st.lists(st.sampled_from(["a@wp.pl", "longer@wp.pl", "longer@o2.pl"]), max_size=2),
    st.lists(st.sampled_from(["+48602123456", "+48602123457"]), max_size=2), st.text(max_size=6),
)  # fmt: skip


@given(FORMS, FORMS)
def test_comparing_is_symmetric_and_adds_up(left: Compared, right: Compared) -> None:
    judge = shipped.judge()
    table = SmallTable([1, 2], {1: left, 2: right}, {}, judge)
    there, back = table.judge([(1, 2)]), table.judge([(2, 1)])
    assert there.weights[0] == back.weights[0]
    (evidence,) = table.evidence([(1, 2)], there)
    assert {(row["field"], row["level"]) for row in evidence} >= {
        (found.field, found.level) for found in comparing.compare(left, right) if found.field != "email"
    }
    total = judge.weigher.prior + sum(row["bits"] for row in evidence)
    assert there.barred[0] or there.weights[0] == pytest.approx(total, abs=0.01)


def test_every_level_a_comparison_can_give_has_a_weight() -> None:
    """Read off the source: a new level without a weight would say nothing."""
    bits = shipped.judge().weigher.bits
    assert {*LEVELS} - {*bits} <= {"birth_place", "job_title", "company", "address_2"}
    assert all(len(bits[field]) == len(level_names(field)) for field in bits)
