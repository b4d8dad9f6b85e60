"""Identifiers of each kind have one form, and those that name nobody are known."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360 import facts
from crm360.normalise.identifiers import IdentifierKind, is_placeholder, normal, suffix_match

KINDS: tuple[IdentifierKind, ...] = get_args(IdentifierKind)
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("email", "Anna <A.nna@gmail.com>", "anna@gmail.com"),
        ("phone", "601 234 567", "+48601234567"),
        ("card", " 0012-3456 ab", "00123456AB"),
        ("card", "'0012345", "0012345"),
        ("card", "12345.0", "12345"),
        ("card", "--", None),
        ("card", "N-U-L-L", None),
        ("customer_id", " 00123 ", "00123"),
        ("customer_id", "17850.0", "17850"),
        ("customer_id", "gid://shopify/Customer/7", "gid://shopify/Customer/7"),
        ("customer_id", "0", None),
        ("customer_id", "NaN", None),
        ("device", "undefined", None),
        ("device", "Anonymous", None),
        ("device", "00000000-0000-0000-0000-000000000000", None),
        ("chat_id", "null", None),
        ("chat_id", "abcXYZ", "abcXYZ"),
        ("national_id", "44051401458", "44051401458"),
        ("national_id", "440514-01458", "44051401458"),
        ("national_id", "44051401459", None),
        ("national_id", "ab 123", "AB123"),
        ("tax_id", "526-025-02-74", "PL5260250274"),
        ("tax_id", "PL 526 025 02 74", "PL5260250274"),
        ("tax_id", "DE 136,695 976", "DE136695976"),
        ("tax_id", "526-025-02-75", "5260250275"),
        ("tax_id", None, None),
    ],
)
def test_normal(kind: IdentifierKind, value: str | None, expected: str | None) -> None:
    assert normal(kind, value) == expected


def test_the_region_says_whose_numbers_are_meant() -> None:
    assert normal("phone", "020 7946 0958", region="GB") == "+442079460958"
    assert normal("national_id", "44051401459", region="DE") == "44051401459"
    assert normal("tax_id", "136695976", region="DE") == "DE136695976"


@given(st.sampled_from(KINDS), ANY_TEXT | st.from_regex(r"[A-Z]{0,2}[-0-9 .]{1,14}", fullmatch=True))
def test_anything_is_read_without_raising_and_once_for_all(kind: IdentifierKind, text: str) -> None:
    found = normal(kind, text)
    assert found is None or normal(kind, found) == found
    assert found is None or is_placeholder(kind, found) in (True, False)


@given(st.from_regex(r"[A-Za-z0-9]{1,12}", fullmatch=True))
def test_cards_compare_without_case_and_separators(card: str) -> None:
    assert normal("card", card.lower()) == normal("card", card.upper()) == normal("card", f" {card[:2]} {card[2:]}-")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("card", "1111111"),
        ("card", "1234567"),
        ("card", "987654321"),
        ("email", "brak@brak.pl"),
        ("phone", "+48111111111"),
        ("tax_id", "PL1111111111"),
        ("tax_id", "1234567890"),
        ("national_id", "99999999999"),
        ("device", "0000-0000"),
    ],
)
def test_placeholders(kind: IdentifierKind, value: str) -> None:
    assert is_placeholder(kind, value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("card", "00123456"),
        ("customer_id", "1"),
        ("customer_id", "12345"),
        ("tax_id", "PL5260250274"),
        ("chat_id", "1111"),
    ],
)
def test_real_identifiers(kind: IdentifierKind, value: str) -> None:
    assert not is_placeholder(kind, value)


def test_suffix_match() -> None:
    assert suffix_match("00123456AB", "34-56 ab")
    assert suffix_match("+48601234567", "4567")
    assert not suffix_match("+48601234567", "567")
    assert not suffix_match("00123456AB", "1234")
    assert not suffix_match("", "----")


def test_kinds_are_the_facts_own() -> None:
    assert set(KINDS) == set(get_args(facts.IdentifierKind))
