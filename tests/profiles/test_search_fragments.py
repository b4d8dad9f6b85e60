from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.profiles.search_fragments import interpretations


@pytest.mark.parametrize(
    ("query", "prefixes", "endings"),
    [
        ("Kowalska", ("kowalska",), ()),
        ("Żółć", ("zolc",), ()),
        ("+48 602 123 456", ("48602123456", "602123456"), ("65432120684",)),
        ("0048602123456", ("0048602123456", "602123456", "48602123456"), ("6543212068400",)),
        ("602", ("602",), ("206",)),
        ("(602) 123-456", ("602123456", "602123456")[:1], ("654321206",)),
        ("KL-29/77", ("kl2977",), ("7792lk",)),
        ("a1", ("a1",), ()),
        ("anna.k@WP", ("anna.k@wp",), ()),
        ("mailto:anna@wp.pl", ("anna@wp.pl",), ()),
        ("firma-abc.pl", ("firmaabcpl", "firma-abc.pl"), ()),
    ],
)
def test_the_likeliest_reading_of_one_thing_typed(
    query: str, prefixes: tuple[str, ...], endings: tuple[str, ...]
) -> None:
    (fragment,) = interpretations(query)[0]
    assert (fragment.prefixes, fragment.endings) == (prefixes, endings)


@pytest.mark.parametrize(
    ("query", "typed"),
    [
        ("kowal 602", [["kowal", "602"], ["kowal 602"]]),
        ("602 123 anna", [["602123", "anna"], ["602", "123", "anna"], ["602 123 anna"]]),
        ("kowalska-żak", [["kowalska-żak"], ["kowalska", "zak"]]),
        ("Anna KOWALSKA", [["Anna", "KOWALSKA"]]),
        ("  ", []),
        ("?! @", []),
    ],
)
def test_readings_in_order(query: str, typed: list[list[str]]) -> None:
    assert [[fragment.typed for fragment in reading] for reading in interpretations(query)] == typed


def test_one_or_two_digits_are_only_a_whole_number() -> None:
    (fragment,) = interpretations("12")[0]
    assert (fragment.numbers, fragment.prefixes, fragment.endings) == (("12",), (), ())


@pytest.mark.parametrize(
    ("query", "word"), [("kowalska", "kowalska"), ("kow", ""), ("kowal82", ""), ("a@kowal", ""), ("4711", "")]
)
def test_only_words_of_letters_are_looked_up_as_misspelt(query: str, word: str) -> None:
    assert interpretations(query)[0][0].misspellable == word


@given(st.text(max_size=300))
def test_every_fragment_of_every_reading_can_match_something(query: str) -> None:
    for reading in interpretations(query):
        assert reading
        for fragment in reading:
            ways = (*fragment.prefixes, *fragment.endings, *fragment.numbers)
            assert ways
            assert all(ways)
            assert not any("\0" in way or any(char.isspace() for char in way) for way in ways)
