from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.profiles import search_spelling as spelling

WORDS = st.text("abcdefgiklmnorstuwyz", min_size=6, max_size=14)


def damaged(word: str, at: int, how: str, letter: str) -> str:
    """One slip of the finger at a place."""
    return {
        "left out": word[:at] + word[at + 1 :],
        "put in": word[:at] + letter + word[at:],
        "changed": word[:at] + letter + word[at + 1 :],
        "swapped": word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :],
    }[how]


SLIPS = st.sampled_from(["left out", "put in", "changed", "swapped"])


@given(WORDS, st.integers(0, 5), SLIPS, st.sampled_from("aeoswzk"))
def test_one_slip_in_a_long_word_is_always_found(word: str, at: int, how: str, letter: str) -> None:
    typed = damaged(word, at, how, letter)
    assert spelling.deletions(typed) & spelling.variants(word) or len(typed) < 6
    assert spelling.distance(typed, word) is not None


@given(WORDS, st.integers(0, 4), SLIPS, st.sampled_from("aeoswzk"))
def test_one_slip_in_its_first_five_letters_is_found_before_the_word_is_finished(
    word: str, at: int, how: str, letter: str
) -> None:
    typed = damaged(word[:5], at, how, letter)
    assert typed == word[:4] or spelling.deletions(typed[:5]) & spelling.variants(word)


@pytest.mark.parametrize(
    ("typed", "word", "slips"),
    [
        ("kowalska", "kowalska", 0),
        ("kowal", "kowalska", 0),
        ("kowlaska", "kowalska", 1),
        ("kowlas", "kowalska", 1),
        ("kwalsk", "kowalska", 1),
        ("nowak", "nowek", 1),
        ("nowak", "lewek", None),
        ("kowalska", "nowalski", 2),
        ("jan", "jon", None),
    ],
)
def test_distance(typed: str, word: str, slips: int | None) -> None:
    assert spelling.distance(typed, word) == slips


@pytest.mark.parametrize(
    ("left", "right"),
    [("grzegorz", "gzegoz"), ("wojcik", "wujcik"), ("kovalska", "kowalska"), ("szymon", "simon"), ("chmura", "hmura")],
)
def test_words_that_sound_alike(left: str, right: str) -> None:
    assert spelling.sound(left) == spelling.sound(right)


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=40))
def test_a_word_is_kept_under_few_variants_and_always_under_itself(word: str) -> None:
    variants = spelling.variants(word)
    assert word[: spelling.INDEXED_LETTERS] in variants
    assert len(variants) <= 36
