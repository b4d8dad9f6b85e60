"""How sources misspell people."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from crm360.demo import views
from crm360.demo.world import World
from crm360.normalise.phone import phone


@given(st.text("abcdefghijklmnoprstuwzóąęł", min_size=1, max_size=20), st.integers())
def test_a_slip_is_one_slip_and_spares_the_first_letter(word: str, seed: int):
    slipped = views.misspelt(word, Random(seed))
    assert slipped[0] == word[0]
    assert DamerauLevenshtein.distance(word, slipped) <= 1


def test_a_source_writes_a_person_the_same_way_every_time(small: World):
    for person in small.people:
        assert views.view(person, views.SHOP, small.anchor) == views.view(person, views.SHOP, small.anchor)


def test_a_phone_stays_the_same_number_in_every_notation(whole: World):
    for person in whole.people:
        assert phone(views.written_phone(person.mobile, Random(person.key))) == person.mobile


def test_a_bride_changes_her_name(small: World):
    kasia = next(person for person in small.people if person.story == "kasia")
    assert kasia.family_since is not None
    wedding = kasia.family_since[0]
    assert kasia.family_at(wedding.replace(year=wedding.year - 1)) == "Wójcik"
    assert views.view(kasia, views.SHOP, small.anchor).family == "Mazur"
    assert views.view(kasia, views.SHOP, small.anchor).home.city == "Kraków"
