"""Folding is one form for every spelling of a text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.normalise.text import clean, digits, fold, words

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=120)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Zażółć GĘŚLĄ jaźń", "zazolc gesla jazn"),
        ("Łódź", "lodz"),
        ("Đurđević", "durdevic"),
        ("Søren Ærø", "soren aero"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("O'Brien", "obrien"),
        ("O’Brien", "obrien"),
        ("  Nowak - Kowalska,\tAnna ", "nowak kowalska anna"),
        ("ul. 3-go Maja 5/7", "ul 3 go maja 5 7"),
        ("Ёлка Київ", "елка киів"),
        ("ﬁrma", "firma"),
        ("a\u200bb", "ab"),
        ("İstanbul", "istanbul"),
        ("", ""),
        ("-–—…", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(ANY_TEXT)
def test_fold_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(ANY_TEXT)
def test_fold_is_one_for_all_unicode_forms(text: str) -> None:
    assert len({fold(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")} | {fold(text)}) == 1


@given(st.text(st.characters(codec="iso8859-2")))
def test_fold_ignores_case(text: str) -> None:
    assert fold(text.upper()) == fold(text.casefold()) == fold(text)


@given(ANY_TEXT)
def test_fold_leaves_words_between_single_spaces(text: str) -> None:
    assert fold(text) == " ".join(words(text))


def test_long_texts_fold_like_short_ones() -> None:
    assert fold("Żółć " * 100) == " ".join(["zolc"] * 100)


@pytest.mark.parametrize(("text", "expected"), [("+48 (601) 2", "486012"), ("٤٢", "42"), ("x²", ""), ("", "")])
def test_digits(text: str, expected: str) -> None:
    assert digits(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("'00123", "00123"), ("\ufeff a\u00a0 b ", "a b"), ("ａ", "a"), ("'", "")]
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(ANY_TEXT)
def test_clean_is_idempotent(text: str) -> None:
    assert clean(clean(text)) == clean(text)
