from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.profiles.naming import display_name


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"given_name": "Anna", "family_name": "Kowalska", "full_name": "A. K."}, "Anna Kowalska"),
        ({"given_name": "Anna", "full_name": "Anna Kowalska"}, "Anna Kowalska"),
        ({"given_name": "A.", "family_name": "Kowalska", "full_name": "Anna Kowalska"}, "Anna Kowalska"),
        ({"family_name": "KOWALSKA"}, "KOWALSKA"),
        ({"full_name": "Bolek"}, "Bolek"),
        ({"given_name": "brak", "company": "Meble Sp. z o.o."}, "Meble Sp. z o.o."),
        ({"email": "anna@wp.pl", "phone": "+48602123456"}, "anna@wp.pl"),
        ({"phone": "+48602123456", "card": "KL1"}, "602 123 456"),
        ({"card": "2900007781"}, "Card …7781"),
        ({}, "Customer #42"),
        ({"given_name": "  "}, "Customer #42"),
    ],
)
def test_the_best_that_is_known(values: dict[str, str], name: str) -> None:
    assert display_name(values, profile_id=42) == name


FIELDS = st.sampled_from(["given_name", "family_name", "full_name", "company", "email", "phone", "card"])


@given(st.dictionaries(FIELDS, st.text()))
def test_a_customer_always_has_a_name(values: dict[str, str]) -> None:
    assert display_name(values, profile_id=42).strip()
