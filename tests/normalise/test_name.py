"""Names are taken apart and compared without taking two people for one."""

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from crm360.normalise.name import (
    derives_from_name,
    family,
    family_parts,
    given,
    is_placeholder,
    mistyped_given,
    name_from_email,
    same_given,
    split_full_name,
)
from crm360.normalise.nicknames import KNOWN, NICKNAMES
from crm360.normalise.text import clean, fold

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anna Kowalska", ("Anna", "Kowalska")),
        ("KOWALSKA, Anna", ("Anna", "KOWALSKA")),
        ("Kowalska, dr Anna Maria", ("Anna Maria", "Kowalska")),
        ("dr Anna Maria Nowak-Kowalska", ("Anna Maria", "Nowak-Kowalska")),
        ("Anna Nowak - Kowalska", ("Anna", "Nowak-Kowalska")),
        ("Mr John Smith", ("John", "Smith")),
        ("John Smith, Jr.", ("John", "Smith")),
        ("dr hab. inż. Jan Nowak", ("Jan", "Nowak")),
        ("Ludwig van Beethoven", ("Ludwig", "van Beethoven")),
        ("Jan van der Berg", ("Jan", "van der Berg")),
        ("von Trapp", ("", "von Trapp")),
        ("Van Morrison", ("Van", "Morrison")),
        ("NOWAK Jan", ("Jan", "NOWAK")),
        ("JAN NOWAK", ("JAN", "NOWAK")),
        ("Kowalski Jan", ("Jan", "Kowalski")),
        ("J. R. R. Tolkien", ("J. R. R.", "Tolkien")),
        ("Anna", ("Anna", "")),
        ("Mr Smith", ("", "Smith")),
        ("Pani Anna", ("Anna", "")),
        ("Sean O'Brien", ("Sean", "O'Brien")),
        ("Kowalska,", ("Kowalska", "")),
        ("", ("", "")),
        ("Dr.", ("", "")),
    ],
)
def test_split_full_name(text: str, expected: tuple[str, str]) -> None:
    assert split_full_name(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Kowalska", "kowalski"),
        ("Kowalski", "kowalski"),
        ("WÓJCICKA", "wojcicki"),
        ("Zawadzka", "zawadzki"),
        ("Nowak-Kowalska", "nowak kowalski"),
        ("Gruszka", "gruszka"),
        ("Paczka", "paczka"),
        ("Orzeszkowa", "orzeszkowa"),
        ("Wilczyna", "wilczyna"),
        ("Łaska", "laski"),
        ("Smith Jr.", "smith"),
        ("Pan", "pan"),
        ("O’Brien", "obrien"),
        ("van der Berg", "van der berg"),
    ],
)
def test_family(value: str, expected: str) -> None:
    assert family(value) == expected


def test_family_parts() -> None:
    assert family_parts("Nowak-Kowalska") == ("nowak", "kowalski")
    assert family_parts("van der Berg") == ("van der berg",)
    assert family_parts("de la Cruz Lopez") == ("de la cruz", "lopez")
    assert family_parts("") == ()


def test_given_drops_titles() -> None:
    assert (given("Dr. Anna  Maria"), given("Mrs"), given("ŁUKASZ")) == ("anna maria", "", "lukasz")


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("Anna", "ANNA", "same"),
        ("Anna Maria", "Anna", "same"),
        ("Anna Maria", "Anna M.", "same"),
        ("Anna Maria", "Anna Ewa", "similar"),
        ("Anna Maria", "Maria", "similar"),
        ("Ola", "Aleksandra", "nickname"),
        ("Kuba", "Jakub", "nickname"),
        ("Kasia", "Kaśka", "nickname"),
        ("Gosia", "Małgorzata", "nickname"),
        ("Asia", "Joanna", "nickname"),
        ("Tomek", "Tomasz", "nickname"),
        ("Wojtek", "Wojciech", "nickname"),
        ("Bob", "Robert", "nickname"),
        ("Bob", "Rob", "nickname"),
        ("Bill", "William", "nickname"),
        ("Peggy", "Margaret", "nickname"),
        ("Liz", "Beth", "nickname"),
        ("A.", "Anna", "initial"),
        ("A", "Jan", "different"),
        ("Katarzyna", "Katrazyna", "similar"),
        ("Wojciech", "Wojceich", "similar"),
        ("Tomasz", "Tomsz", "similar"),
        ("Helga", "Helgam", "similar"),
        ("Wiktoria", "Wiktorai", "similar"),
        ("Ewa", "Eaw", "similar"),
        ("Uwe", "Uwep", "similar"),
        ("Li", "Lu", "different"),
        ("Tim", "Tom", "different"),
        ("Kai", "Wai", "different"),
        ("Andrea", "Andreas", "different"),
        ("Aleksander", "Aleksandra", "different"),
        ("Aleksandr", "Aleksandra", "different"),
        ("Jan", "Janina", "different"),
        ("Dominik", "Dominika", "different"),
        ("Mario", "Maria", "different"),
        ("Maria", "Marta", "different"),
        ("Jan", "Jon", "different"),
        ("John", "Joan", "different"),
        ("Daniel", "Danielle", "different"),
        ("Anna", "Piotr", "different"),
        ("", "Anna", "unknown"),
        ("brak", "Anna", "unknown"),
        ("Mr", "Anna", "unknown"),
    ],
)
def test_same_given(a: str, b: str, level: str) -> None:
    assert same_given(a, b) == same_given(b, a) == level


@pytest.mark.parametrize(
    "value", ["", "-", "brak", "Test", "n/a", "UNKNOWN", "klient", "xxx", "nieznany", "aaa", "123", "Brak danych"]
)
def test_placeholders(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize("value", ["Anna", "Bo", "Na Li", "Klientowski", "Testa", "Ng", "J"])
def test_names_are_no_placeholders(value: str) -> None:
    assert not is_placeholder(value)


@pytest.mark.parametrize(
    "local",
    [
        "anna.kowalska",
        "kowalska.anna",
        "akowalska",
        "a.kowalska",
        "kowalska.a1987",
        "anna_kowalski87",
        "aniakowalska",
        "annak",
        "kowalska",
        "annakow",
        "a.m.kowalska",
        "anna123",
        "kowalskaa",
        "ania.kow",
    ],
)
def test_local_parts_made_of_the_name(local: str) -> None:
    assert derives_from_name(local, "Anna", "Kowalska")


@pytest.mark.parametrize(
    "local", ["kwiatuszek", "biuro", "jan.nowak", "an", "a1", "x.kowal", "piotr.kowalska.nowa", "1987", "marketing"]
)
def test_local_parts_of_another_making(local: str) -> None:
    assert not derives_from_name(local, "Anna", "Kowalska")


def test_name_from_email() -> None:
    assert name_from_email("Anna.Kowalska87+shop") == ("anna", "kowalska")


def test_shipped_names_are_folded_and_enough() -> None:
    assert all(fold(name) == name for name in KNOWN)
    assert all(formal and pet not in formal for pet, formal in NICKNAMES.items())
    assert len(NICKNAMES) > 400


@given_any(ANY_TEXT)
def test_forms_are_idempotent(text: str) -> None:
    assert given(given(text)) == given(text)
    assert family(family(text)) == family(text)
    assert " ".join(family_parts(text)) == family(text)


@given_any(ANY_TEXT, ANY_TEXT)
def test_anything_can_be_compared(a: str, b: str) -> None:
    assert same_given(a, b) == same_given(b, a)
    assert same_given(a, a) in ("same", "unknown")
    assert derives_from_name(a, b, a) in (True, False)
    given_name, family_name = split_full_name(f"{a} {b}")
    assert set(fold(f"{given_name} {family_name}").split()) <= set(fold(clean(f"{a} {b}")).split()) or "-" in clean(
        a + b
    )


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("jakuub", "kuba", True), ("mke", "michael", True), ("kacfer", "kycper", True), ("pixtrek", "piotr", True),
        ("anna", "jan", False), ("marek", "tomasz", False), ("ewa", "ola", False), ("slm", "samuel", True),
    ],
)  # fmt: skip
def test_a_mistyped_form_of_a_given_name_is_no_other_name(a: str, b: str, expected: bool) -> None:
    assert mistyped_given(a, b) is expected
    assert mistyped_given(b, a) is expected


@pytest.mark.parametrize(
    ("local", "given_name", "family_name", "expected"),
    [
        ("andrzej.sokolska", "Andrzej", "", True), ("annanowak7", "Anna", "", True), ("neo52149", "Anna", "", False),
        ("j.nowak", "", "Nowak", True), ("jan.kowalski", "Piotr", "", False),
    ],
)  # fmt: skip
def test_an_address_may_be_made_of_the_name_that_is_missing(
    local: str, given_name: str, family_name: str, expected: bool
) -> None:
    assert derives_from_name(local, given_name, family_name) is expected
