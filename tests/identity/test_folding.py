"""A contact is the newest statement of each field, in whatever order statements came."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crm360.identity.compared import compared_form
from crm360.identity.folding import fold
from tests.identity.people import seen

STATEMENTS = st.lists(
    st.builds(
        lambda at, given_name, city, email, anonymous: seen("x", given_name, city=city, email=email, at=at, anonymous=anonymous),
        st.integers(0, 3), st.sampled_from(["Anna", "Ania", "Ola", ""]), st.sampled_from(["Kraków", "Łódź", ""]),
        st.sampled_from(["A@wp.pl", "a@WP.pl", "b@wp.pl", "not an address", ""]), st.booleans(),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@given(STATEMENTS, st.randoms())
def test_folding_does_not_depend_on_order_batches_or_repetition(statements: list[Any], rng: Any) -> None:
    at_once = fold(None, statements)
    shuffled = statements + statements
    rng.shuffle(shuffled)
    one_by_one = None
    for statement in shuffled:
        one_by_one = fold(one_by_one, [statement])
    assert one_by_one == at_once


def test_the_newest_statement_of_a_field_stands_and_a_late_older_one_changes_nothing() -> None:
    state = fold(None, [seen("x", "Ania", city="Kraków", at=1), seen("x", "Anna", at=2), seen("x", "Anka", at=0)])
    assert {name: entry["value"] for name, entry in state.fields.items()} == {"given_name": "Anna", "city": "Kraków"}
    assert state.names == {"ania|", "anna|", "anka|"}


def test_what_cannot_be_an_identifier_is_kept_where_people_see_it() -> None:
    state = fold(None, [seen("x", email="anna at wp")])
    assert state.identifiers == {}
    assert state.attributes["unreadable_email"]["value"] == "anna at wp"


def test_one_address_in_two_spellings_is_one_identifier_shown_as_last_written() -> None:
    state = fold(None, [seen("x", email="Anna@WP.pl", at=1), seen("x", email="anna@wp.pl", at=2)])
    (held,) = state.identifiers.values()
    assert (held.value, held.last_seen_at > held.first_seen_at) == ("anna@wp.pl", True)


def test_placeholders_are_shown_but_never_compared() -> None:
    state = fold(None, [seen("x", "brak", email="brak@brak.pl", phone="000000000")])
    assert state.fields["given_name"]["value"] == "brak"
    assert compared_form(state.fields, state.identifiers).keys() <= {"names"}


@given(st.permutations([0, 1]))
def test_two_people_in_one_record_at_one_moment_do_not_mix(order: list[int]) -> None:
    people = [seen("biuro", "Anna", "Nowakowska"), seen("biuro", "Artur", "Malinowski")]
    state = fold(None, [people[n] for n in order])
    name = state.fields["given_name"]["value"], state.fields["family_name"]["value"]
    assert name in {("Anna", "Nowakowska"), ("Artur", "Malinowski")}
