"""Every notation of one number is one number."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.normalise import phone as phones
from crm360.normalise.phone import fragments, is_placeholder, national, phone, search_digits

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)


@pytest.mark.parametrize(
    ("value", "region", "expected"),
    [
        ("601 234 567", "PL", "+48601234567"),
        ("601-234-567", "PL", "+48601234567"),
        ("(22) 123 45 67", "PL", "+48221234567"),
        ("0 22 123 45 67", "PL", "+48221234567"),
        ("+48 601 234 567", "DE", "+48601234567"),
        ("0048601234567", "PL", "+48601234567"),
        ("48601234567", "PL", "+48601234567"),
        ("'+48601234567", "PL", "+48601234567"),
        ("tel:+48-601-234-567", "PL", "+48601234567"),
        ("48601234567.0", "PL", "+48601234567"),
        ("4.8601234567E+10", "PL", "+48601234567"),
        ("4.86E+10", "PL", None),
        ("22 123 45 67 wew. 12", "PL", "+48221234567"),
        ("22 123 45 67 w. 12", "PL", "+48221234567"),
        ("+44 20 7946 0958 ext. 3", "PL", "+442079460958"),
        ("601234567, 602345678", "PL", "+48601234567"),
        ("601234567 / 602345678", "PL", "+48601234567"),
        ("tel. 601 234 567", "PL", "+48601234567"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("44 20 7946 0958", "PL", "+442079460958"),
        ("00442079460958", "PL", "+442079460958"),
        ("(212) 555-2368", "US", "+12125552368"),
        ("٦٠١٢٣٤٥٦٧", "PL", "+48601234567"),
        ("12345", "PL", None),
        ("brak", "PL", None),
        ("", "PL", None),
        (None, "PL", None),
        ("+999 123", "PL", None),
        ("601234567", "??", None),
    ],
)
def test_phone(value: str | None, region: str, expected: str | None) -> None:
    assert phone(value, region) == expected


@given(ANY_TEXT, st.sampled_from(["PL", "GB", "US", "DE", "IT"]))
def test_anything_is_read_without_raising_and_once_for_all(text: str, region: str) -> None:
    found = phone(text, region)
    assert found is None or phone(found, region) == found == phone(found, "PL")


@given(st.from_regex(r"[-+0-9 ()/.]{5,18}", fullmatch=True), st.sampled_from(["PL", "GB", "US", "DE", "IT"]))
def test_digits_in_any_dress_are_read_once_for_all(text: str, region: str) -> None:
    found = phone(text, region)
    assert found is None or phone(found, region) == found == phone(found, "PL")


@given(st.integers(500_000_000, 899_999_999))
def test_polish_notations_are_equal(number: int) -> None:
    bare = str(number)
    spaced = f"{bare[:3]} {bare[3:6]} {bare[6:]}"
    dressed = (bare, spaced, spaced.replace(" ", "-"), f"+48{bare}", f"+48 {spaced}", f"0048 {spaced}", f"(+48) {bare}")
    assert {phone(value) for value in (*dressed, f"'{bare}", f"tel:+48{bare}", f"{bare}.0")} == {f"+48{bare}"}


@pytest.mark.parametrize("region", ["GB", "DE", "FR", "US", "CZ", "IT", "UA", "ES"])
@pytest.mark.parametrize("style", ["NATIONAL", "INTERNATIONAL", "RFC3966", "E164"])
def test_every_country_s_notations_are_equal(region: str, style: str) -> None:
    number = phonenumbers.example_number(region)
    written = phonenumbers.format_number(number, getattr(phonenumbers.PhoneNumberFormat, style))
    assert phone(written, region) == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize(
    "number", ["+48000000000", "+48111111111", "+48999999999", "+48123456789", "+48987654321", "+48600000000"]
)
def test_placeholders(number: str) -> None:
    assert is_placeholder(number)


@pytest.mark.parametrize("number", ["+48601234567", "+442079460958", "+48221234567", "+48700700700"])
def test_real_numbers_are_no_placeholders(number: str) -> None:
    assert not is_placeholder(number)


def test_national_forms() -> None:
    assert national("+48601234567") == "601 234 567"
    assert search_digits("+48601234567") == "601234567"
    assert (national("?"), search_digits("a1")) == ("?", "1")


@pytest.mark.parametrize("typed", ["601 234", "+48 601 234", "0048601234", "48 601 234", "0 601 234"])
def test_fragments_find_the_number_however_it_is_begun(typed: str) -> None:
    assert any(fragment in search_digits("+48601234567") for fragment in fragments(typed))


def test_the_last_digits_are_sought_as_typed() -> None:
    assert fragments("4567")[0] == "4567"
    assert fragments("487")[0] == "487"
    assert fragments("abc") == ()


@given(st.from_regex(phones._AS_IT_STANDS, fullmatch=True), st.sampled_from(["PL", "GB", "US"]))
def test_what_stands_for_itself_is_what_the_careful_look_finds(number: str, region: str) -> None:
    assert phones._parsed(number, region) == number


@given(st.from_regex(phones._CODELESS, fullmatch=True))
def test_what_lacks_its_code_is_what_the_careful_look_finds(number: str) -> None:
    assert phones.phone(f"{number[:3]} {number[3:6]} {number[6:]}") == phones._parsed(number, "PL") == f"+48{number}"
