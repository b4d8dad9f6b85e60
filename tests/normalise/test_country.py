"""Countries are known by code and by name in English, Polish and their own tongue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.normalise.country import country


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("PL", "PL"),
        ("pl", "PL"),
        ("POL", "PL"),
        ("Poland", "PL"),
        ("Polska", "PL"),
        ("polen", "PL"),
        ("UK", "GB"),
        ("Great Britain", "GB"),
        ("United Kingdom", "GB"),
        ("Wielka Brytania", "GB"),
        ("England", "GB"),
        ("U.S.A.", "US"),
        ("Stany Zjednoczone", "US"),
        ("Niemcy", "DE"),
        ("Deutschland", "DE"),
        ("DEU", "DE"),
        ("Czechy", "CZ"),
        ("Czech Republic", "CZ"),
        ("Holandia", "NL"),
        ("Україна", "UA"),
        ("EL", "GR"),
        ("EU", None),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_country(value: str, expected: str | None) -> None:
    assert country(value) == expected


@given(st.text(max_size=30))
def test_a_code_found_is_the_code_of_itself(text: str) -> None:
    found = country(text)
    assert found is None or country(found) == found
