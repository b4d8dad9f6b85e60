from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.normalise import text
from crm360.profiles.search_highlight import spans


@pytest.mark.parametrize(
    ("shown", "parts", "bold"),
    [
        ("Anna Kowalska", ["kow", "an"], ["An", "Kow"]),
        ("Joanna Anna", ["anna"], ["Anna"]),
        ("Żółkiewska", ["zolk"], ["Żółk"]),
        ("602 123 456", ["602123"], ["602 123"]),
        ("O'Brien", ["obr"], ["O'Br"]),
        ("Straße", ["strasse"], ["Straße"]),
        ("Anna", ["an", "ann"], ["Ann"]),
        ("Anna", ["ewa", ""], []),
        ("", ["a"], []),
    ],
)
def test_what_is_bold(shown: str, parts: list[str], bold: list[str]) -> None:
    assert [shown[start:end] for start, end in spans(shown, parts)] == bold


def test_an_ending_is_bold_at_the_end() -> None:
    assert spans("456 123 456", ["456"], at_end=True) == ((8, 11),)


@given(st.text(max_size=40), st.lists(st.text(max_size=5), max_size=4))
def test_spans_are_in_order_apart_and_inside(shown: str, parts: list[str]) -> None:
    at = 0
    for start, end in spans(shown, parts):
        assert at <= start < end <= len(shown)
        at = end


@given(st.text("aąbcć dź-'", min_size=1, max_size=20), st.data())
def test_whatever_stands_there_is_found(shown: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(shown) - 1))
    part = shown[start : data.draw(st.integers(start + 1, len(shown)))]
    assert bool(spans(shown, [part])) == bool(text.fold(part))
