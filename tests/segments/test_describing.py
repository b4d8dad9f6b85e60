"""Sentences in both languages, and refusals that say where and what."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from crm360.segments import describing, parsing
from crm360.segments.parsing import BadRule
from tests.segments import drawn

COFFEE = {"event": "order", "where": [{"name": "category", "op": "is", "value": "coffee"}]}
SAID = (
    (
        {"if": "did", "what": COFFEE, "op": "at_least", "n": 3, "when": {"kind": "last", "span": {"n": 30}}},
        "Bought (category is “coffee”) at least 3 times in the last 30 days.",
        "Co najmniej 3 zakupy (kategoria to „coffee”) w ciągu ostatnich 30 dni.",
    ),
    (
        {"if": "did", "what": {"event": "order"}, "op": "exactly", "n": 0, "when": {"kind": "last", "span": {"n": 1}}},
        "Never bought in the last 1 day.",
        "Żadnego: zakupu w ciągu ostatnich 1 dnia.",
    ),
    (
        {"if": "without", "what": {"event": "cart.added"}, "other": {"event": "order"}, "within": {"n": 7}},
        "Added to cart and within 7 days after it never bought.",
        "Dodanie do koszyka, a w ciągu 7 dni po tym żadnego: zakupu.",
    ),
    ({"if": "age", "op": "more_than", "years": 22}, "Is more than 22 years old.", "Ma więcej niż 22 lata."),
    (
        {"if": "did", "what": {"event": "email.opened"}, "op": "more_than", "n": 12},
        "Opened an e-mail more than 12 times.",
        "Więcej niż 12 otwartych e-maili.",
    ),
    (
        {"if": "value", "field": "points", "op": "at_least", "value": 1000},
        "Loyalty points at least 1,000.",
        "Punkty lojalnościowe co najmniej 1\u00a0000.",
    ),
    (
        {"if": "value", "field": "spend", "op": "at_least", "value": 1500.5},
        "Money spent at least 1,500.5.",
        "Wydana kwota co najmniej 1\u00a0500,5.",
    ),
)


@pytest.mark.parametrize(("said", "english", "polish"), SAID, ids=[each[1][:20] for each in SAID])
def test_a_condition_in_words(said: Any, english: str, polish: str):
    rule = parsing.parse({"match": {"group": "all", "of": [said]}})
    assert describing.sentence(rule, "en") == english
    assert describing.sentence(rule, "pl") == polish


def test_every_rule_has_words_in_both_languages():
    random = Random(1)
    for _ in range(200):
        rule = parsing.parse(drawn.rule(random, [4, 5]))
        english, polish = (describing.sentence(rule, each, names={4: "VIP"}) for each in ("en", "pl"))
        assert english.endswith(".")
        assert english != polish


REFUSED = (
    ({}, "match", "Expected an object."),
    ({"match": {"group": "every", "of": []}}, "match.group", "There is no choice 'every'. There are: all, any, none."),
    ({"match": {"group": "all", "of": [{"if": "feld"}]}}, "match.of[0].if", "There is no choice 'feld'. Did you mean 'field'?"),
    (
        {"match": {"group": "all", "of": [{"if": "field", "field": "citty", "op": "is", "value": "x"}]}},
        "match.of[0].field", "There is no field 'citty'. Did you mean 'city'?",
    ),
    (
        {"match": {"group": "all", "of": [{"if": "did", "what": {"event": "cart.aded"}, "op": "at_least", "n": 1}]}},
        "match.of[0].what.event", "There is no event 'cart.aded'. Did you mean 'cart.added'?",
    ),
    (
        {"match": {"group": "all", "of": [{"if": "did", "what": COFFEE, "op": "at_least", "n": 1, "whn": {}}]}},
        "match.of[0].whn", "There is no key 'whn'. Did you mean 'when'?",
    ),
    ({"match": {"group": "all", "of": []}, "version": 9}, "version", "There is no version 9; this is version 1."),
    (
        {"match": {"group": "all", "of": [{"if": "did", "what": COFFEE, "op": "at_least", "n": True}]}},
        "match.of[0].n", "Expected a whole number from 0 to 100000.",
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "place", "words"), REFUSED, ids=[f"{at}-{each[1]}" for at, each in enumerate(REFUSED)]
)
def test_what_is_not_understood_is_refused_with_its_place(said: Any, place: str, words: str):
    with pytest.raises(BadRule) as refused:
        parsing.parse(said)
    assert (refused.value.place, refused.value.said) == (place, words)
