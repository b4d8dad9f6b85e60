"""Zeros that a spreadsheet dropped from card numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.sources.cards import digits_of, known, restored

TEN = [f"{number:010}" for number in (4200123456, 4200123457, 1234567, 9000000001, 42, 4200999999, 5555555555)]


def dropped(cards):
    return [card.lstrip("0") for card in cards]


@pytest.mark.parametrize(
    ("cards", "digits"),
    [
        (TEN, 10),
        (dropped(TEN), 10),
        ([f"{card}.0" for card in dropped(TEN)], 10),
        ([f"'{card}" for card in TEN], 10),
        (dropped(TEN)[:4], 0),
        ([*dropped(TEN), "012345"], 0),
        ([*dropped(TEN), "KLUB-77"], 0),
        (["1", "12", "123", "1234", "12345", "123456"], 0),
        (["1234", "2345", "3456", "4567", "5678"], 0),
        (["12345678901234567890"] * 9, 0),
        ([], 0),
        (["", " "], 0),
    ],
)
def test_how_long_a_sources_cards_are(cards, digits):
    assert digits_of(cards) == digits


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ("1234567", "0001234567"), ("1234567.0", "0001234567"), ("42", "0000000042"), ("0123", "0123"),
        ("4200123456", "4200123456"), ("42001234567", "42001234567"), ("KLUB-77", "KLUB-77"), ("", ""),
        ("420 012 345", "0420012345"), ("٤٢", "٤٢"),
    ],
)  # fmt: skip
def test_zeros_come_back(card, expected):
    assert restored(card, 10) == expected


@given(st.sets(st.integers(0, 10**10 - 1), min_size=40), st.integers(0, 10**10 - 1))
def test_what_excel_did_to_a_list_of_random_cards_is_undone(numbers, other):
    cards = [f"{number:010}" for number in {*numbers, other, 10**9, 10**9 + 1}]
    if digits := digits_of(dropped(cards)):
        back = {restored(card, digits) for card in dropped(cards) if card}
        assert back == {card for card in cards if card.strip("0")}


@pytest.mark.parametrize(("kept", "digits"), [(10, 10), ("10", 10), (None, 0), ("", 0), ("x", 0), (99, 0), (True, 0)])
def test_what_a_source_remembers(kept, digits):
    assert known(kept) == digits
