"""Street lines are taken apart, and their pieces compared whatever the custom of writing them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.normalise.address import city, house_number, postcode, split_street, street

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ul. Długa 12/4", ("ul. Długa", "12/4")),
        ("Długa 12 m. 4", ("Długa", "12/4")),
        ("Długa 12A lok. 4", ("Długa", "12a/4")),
        ("ul. Długa nr 12", ("ul. Długa", "12")),
        ("ul. 3 Maja 5", ("ul. 3 Maja", "5")),
        ("3 Maja 5", ("3 Maja", "5")),
        ("3 Maja", ("3 Maja", "")),
        ("ul. 3 Maja", ("ul. 3 Maja", "")),
        ("al. Jana Pawła II 12", ("al. Jana Pawła II", "12")),
        ("Hauptstr. 12 a", ("Hauptstr.", "12a")),
        ("12 High Street", ("High Street", "12")),
        ("12A, High Street", ("High Street", "12a")),
        ("12-14 High Street", ("High Street", "12-14")),
        ("Flat 3, 12 High St", ("High St", "12/3")),
        ("12 High St, Flat 3", ("High St", "12/3")),
        ("100 Main St Apt 4B", ("Main St", "100/4b")),
        ("350 5th Avenue", ("5th Avenue", "350")),
        ("5th Avenue", ("5th Avenue", "")),
        ("Zakopane", ("Zakopane", "")),
        ("12/4", ("", "12/4")),
        ("", ("", "")),
    ],
)
def test_split_street(text: str, expected: tuple[str, str]) -> None:
    assert split_street(text) == expected


@pytest.mark.parametrize(
    "spellings",
    [
        ["ul. Długa", "Ulica długa", "DLUGA", "ul Długa"],
        ["al. Pokoju", "Aleja Pokoju", "Aleje pokoju"],
        ["os. Tysiąclecia", "Osiedle Tysiąclecia"],
        ["pl. Wolności", "Plac Wolności"],
        ["High St", "High Street", "HIGH ST."],
        ["Abbey Rd.", "Abbey Road"],
        ["St. John's Rd", "Saint Johns Road"],
        ["Hauptstr.", "Hauptstraße", "Hauptstrasse"],
        ["ul. św. Anny", "Świętej Anny"],
        ["Market Pl", "Market Place"],
    ],
)
def test_street(spellings: list[str]) -> None:
    assert len(set(map(street, spellings))) == 1


def test_different_kinds_of_street_stay_different() -> None:
    assert len({street("Pokoju"), street("al. Pokoju"), street("os. Pokoju"), street("pl. Pokoju")}) == 4


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12 A", "12a"),
        ("12A/4", "12a/4"),
        ("12 m 4", "12/4"),
        ("nr 7", "7"),
        ("n r", ""),
        ("12 / 4", "12/4"),
        ("", ""),
        ("12-14", "12-14"),
    ],
)
def test_house_number(value: str, expected: str) -> None:
    assert house_number(value) == expected


@pytest.mark.parametrize(
    ("value", "land", "expected"),
    [
        ("00-950", "PL", "00950"),
        ("PL-00-950", "PL", "00950"),
        ("950", "PL", "00950"),
        ("1234.0", "PL", "01234"),
        ("00-000", "PL", ""),
        ("sw1a 1aa", "GB", "SW1A1AA"),
        ("D-10115", "DE", "10115"),
        ("12345-6789", "US", "12345"),
        ("2000", "AU", "2000"),
        ("00-950", "", "00950"),
        ("", "PL", ""),
    ],
)
def test_postcode(value: str, land: str, expected: str) -> None:
    assert postcode(value, land) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Warszawa", "warszawa"),
        ("Warsaw", "warszawa"),
        ("00-950 Warszawa", "warszawa"),
        ("m.st. Warszawa, Mokotów", "warszawa"),
        ("ŁÓDŹ", "lodz"),
        ("St. Albans", "saint albans"),
        ("München", "munchen"),
        ("Munich", "munchen"),
        ("", ""),
        ("12345", ""),
    ],
)
def test_city(value: str, expected: str) -> None:
    assert city(value) == expected


@given(ANY_TEXT, st.sampled_from(["PL", "US", "GB", "DE", ""]))
def test_forms_are_idempotent(text: str, land: str) -> None:
    assert street(street(text)) == street(text)
    assert house_number(house_number(text)) == house_number(text)
    assert postcode(postcode(text, land), land) == postcode(text, land)
    assert city(city(text)) == city(text)


@given(st.text("ulst.pm flatnr#123/-,abc ", max_size=20))
def test_lines_made_of_address_parts_are_idempotent(text: str) -> None:
    assert street(street(text)) == street(text)
    assert house_number(house_number(text)) == house_number(text)
    name, number = split_street(text)
    assert house_number(number) == number
    assert all(char in text for char in name)


@given(ANY_TEXT)
def test_any_line_can_be_split(text: str) -> None:
    assert len(split_street(text)) == 2
