"""Guesses of tone: what they can tell, what they cannot, and how often they are right on labelled sentences."""

from __future__ import annotations

import pytest

from bench import tone as bench
from crm360.tone import guessing, polish
from crm360.tone.language import language


@pytest.mark.parametrize(
    ("text", "tone", "spoken"),
    [
        ("Świetny sklep, polecam!", "positive", "pl"),
        ("Nie polecam, filiżanka przyszła pęknięta.", "negative", "pl"),
        ("Kiedy zostanie wysłane moje zamówienie?", "neutral", "pl"),
        ("Nie ma żadnych problemów", "positive", "pl"),
        ("Ładne, ale przyszło uszkodzone i nikt nie pomógł", "negative", "pl"),
        ("Great shop, I recommend it.", "positive", "en"),
        ("It arrived broken and the staff were rude.", "negative", "en"),
        ("When will it be shipped?", "neutral", "en"),
        ("Super 👍", "positive", "pl"),
    ],
)
def test_plain_words_are_heard(text: str, tone: str, spoken: str):
    found = guessing.guess(text)
    assert found is not None
    assert (found.tone, found.language) == (tone, spoken)
    assert 1 / 3 < found.confidence <= 0.95


def test_nothing_is_said_of_no_words():
    assert guessing.guess("") is None
    assert guessing.guess("123 !!") is None
    assert guessing.marked("…") == {}


def test_a_stronger_word_is_a_surer_guess():
    weak, strong = guessing.guess("Dość dobry"), guessing.guess("Fantastyczny, rewelacyjny, polecam!")
    assert weak is not None
    assert strong is not None
    assert strong.confidence > weak.confidence


def test_endings_are_cut_and_negations_turn():
    assert polish.stem("uszkodzonego") == polish.stem("uszkodzonych")
    assert polish.valences("polecam")[0] > 0 > polish.valences("nie polecam")[0]
    assert abs(polish.valences("bardzo polecam")[0]) > polish.valences("polecam")[0]


def test_the_language_is_told_by_letters_and_small_words():
    assert [language(text) for text in ("gdzie jest paczka", "where is the parcel", "ok")] == ["pl", "en", ""]
    assert language("ok", "en-GB") == "en"


@pytest.mark.parametrize(("spoken", "least"), [("en", 0.70), ("pl", 0.66)])
def test_labelled_sentences_are_guessed_as_often_as_we_say(spoken: str, least: float):
    table, guesses, known = bench.measured(spoken)
    assert len(guesses) >= 200
    assert bench.accuracy(table) >= least
    assert known >= 0.95 * len(guesses)
    turned = table["positive", "negative"] + table["negative", "positive"]
    assert turned <= 0.06 * len(guesses)
    sure = [tone == found.tone for tone, found, _ in guesses if found.confidence >= 0.75]
    assert sum(sure) / len(sure) >= 0.9, "a guess told as sure is right"
