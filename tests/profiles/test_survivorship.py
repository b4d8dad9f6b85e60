from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.profiles.survivorship import RULES, Choice, Pinned, Statement, choose, golden, is_initial, is_real

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Said = tuple[str, str, int]


def said(
    value: str, contact_id: int = 1, *, source: str = "shop", days_ago: int = 0, verified: bool = False
) -> Statement:
    return Statement(value, source, contact_id, NOON - timedelta(days=days_ago), verified)


@pytest.mark.parametrize(
    ("rule", "statements", "wins"),
    [
        ("most_recent", [said("old", days_ago=2), said("new", 2)], "new"),
        ("most_frequent", [said("b", 1), said("a", 2, days_ago=3), said("A", 3, days_ago=4)], "a"),
        ("most_frequent", [said("a", 1, days_ago=3), said("a", 1, days_ago=4), said("b", 2)], "b"),
        ("longest", [said("Kraków"), said("Kraków Podgórze", 2, days_ago=9)], "Kraków Podgórze"),
        ("trusted_source", [said("shop's"), said("till's", 2, source="pos", days_ago=9)], "till's"),
        ("verified_first", [said("a@x.pl"), said("b@x.pl", 2, days_ago=9, verified=True)], "b@x.pl"),
        ("verified_first", [said("a@x.pl", days_ago=1), said("b@x.pl", 2)], "b@x.pl"),
        ("fullest_name", [said("A."), said("Anna", 2, days_ago=9)], "Anna"),
        ("fullest_name", [said("ANNA"), said("Anna", 2, days_ago=9)], "Anna"),
        ("fullest_name", [said("Zolkiewska"), said("Żółkiewska", 2, days_ago=9)], "Żółkiewska"),
        ("fullest_name", [said("KOWALSKA")], "KOWALSKA"),
    ],
)
def test_rules(rule: str, statements: list[Statement], wins: str) -> None:
    ranks = {"pos": 0, "shop": -1}
    assert choose(statements, rule=rule, ranks=ranks).chosen.value == wins
    assert choose(statements[::-1], rule=rule, ranks=ranks).chosen.value == wins


def test_the_losers_are_kept_once_each_with_where_they_come_from() -> None:
    choice = golden({"given_name": [said("Anna"), said("Ania", 2, source="pos"), said("ANIA", 3), said("anna", 4)]})
    others = choice["given_name"].others
    assert [(other.value, other.source, other.contact_id) for other in others] == [("Ania", "pos", 2)]
    assert choice["given_name"].rule == "fullest_name"


def test_a_filled_in_nothing_never_wins_and_alone_leaves_the_field_out() -> None:
    fields = {
        "given_name": [said("brak"), said("Anna", 2, days_ago=900)],
        "family_name": [said("n/a")],
        "birth_date": [said("1900-01-01"), said("1900-01-01", 3), said("1984-05-06", 2)],
        "city": [said("xxx"), said("Łódź", 2, days_ago=9)],
    }
    assert {name: choice.chosen.value for name, choice in golden(fields).items()} == {
        "given_name": "Anna",
        "birth_date": "1984-05-06",
        "city": "Łódź",
    }


def test_an_address_is_taken_whole_and_completed_only_by_what_agrees() -> None:
    fields = {
        "street": [said("Długa", 1), said("Krótka", 2, days_ago=5)],
        "city": [said("Gdańsk", 1), said("Kraków", 2, days_ago=5), said("gdansk", 3, days_ago=4)],
        "postcode": [said("30-001", 2, days_ago=5), said("80-001", 3, days_ago=4)],
        "country": [said("PL", 2, days_ago=5)],
    }
    fields["street"].append(said("dluga", 3, days_ago=4))
    chosen = {name: (choice.chosen.value, choice.chosen.contact_id) for name, choice in golden(fields).items()}
    assert chosen["city"][1] == chosen["street"][1] == chosen["postcode"][1] == 3
    assert "country" not in chosen
    assert {other.value for other in golden(fields)["city"].others} == {"Kraków"}


def pinned(value: str) -> Pinned:
    return Pinned(value, 7, NOON, "Marta")


def test_a_pinned_value_stands_before_all_others_and_says_by_whom() -> None:
    fields = {"family_name": [said("Zolkiewska"), said("Nowak", 2, days_ago=9)]}
    choice = golden(fields, pins={"family_name": pinned("Żółkiewska"), "company": pinned("Glina")})
    assert choice["family_name"] == Choice(
        Statement("Żółkiewska", "staff", 7, NOON),
        "pinned",
        (fields["family_name"][0], fields["family_name"][1]),
        "Marta",
    )
    assert (choice["company"].chosen.value, choice["company"].others) == ("Glina", ())


def test_pinning_a_known_street_brings_the_rest_of_that_address_along() -> None:
    fields = {
        "street": [said("Długa", 1), said("Krótka", 2, days_ago=5)],
        "city": [said("Gdańsk", 1), said("Kraków", 2, days_ago=5)],
    }
    whole = golden(fields, pins={"street": pinned("KRÓTKA")})
    assert (whole["street"].chosen.value, whole["city"].chosen.value) == ("KRÓTKA", "Kraków")
    typed = golden(fields, pins={"street": pinned("Nowa")})
    assert (typed["street"].chosen.value, typed["city"].chosen.value) == ("Nowa", "Gdańsk")


VALUES = st.sampled_from(["Anna", "ANNA", "anna", "A.", "Ania", "brak", "Żak", "Zak", "1984-01-02", "", "x"])
STATEMENTS = st.lists(
    st.builds(
        said,
        VALUES,
        st.integers(1, 5),
        source=st.sampled_from(["shop", "pos", "chat"]),
        days_ago=st.integers(0, 3),
        verified=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda s: (s.contact_id, s.value),
)
FIELDS = st.dictionaries(
    st.sampled_from(["given_name", "city", "street", "postcode", "email", "birth_date", "joined_on", "job_title"]),
    STATEMENTS,
)


def one_word_each(fields: dict[str, list[Statement]]) -> dict[str, list[Statement]]:
    """As stored: a contact says one thing of a field."""
    return {field: list({s.contact_id: s for s in statements}.values()) for field, statements in fields.items()}


@given(FIELDS, st.randoms())
def test_the_order_of_contacts_never_matters(fields: dict[str, list[Statement]], random: object) -> None:
    fields = one_word_each(fields)
    shuffled = {}
    for field, statements in sorted(fields.items(), reverse=True):
        shuffled[field] = list(statements)
        random.shuffle(shuffled[field])  # type: ignore[attr-defined]
    trust = ("pos", "shop")
    assert golden(shuffled, trust=trust) == golden(fields, trust=trust)


@given(FIELDS, st.dictionaries(st.sampled_from(["given_name", "city", "street"]), VALUES.filter(bool).map(pinned)))
def test_pins_win_and_change_no_field_but_theirs_and_the_address(
    fields: dict[str, list[Statement]], pins: dict[str, Pinned]
) -> None:
    fields = one_word_each(fields)
    free, held = golden(fields), golden(fields, pins=pins)
    assert {field: held[field].chosen.value for field in pins} == {field: pin.value for field, pin in pins.items()}
    untouched = ("email", "birth_date", "joined_on", "job_title")
    assert [held.get(field) for field in untouched] == [free.get(field) for field in untouched]


@given(FIELDS)
def test_every_value_shown_was_said_and_every_other_value_is_kept(fields: dict[str, list[Statement]]) -> None:
    fields = one_word_each(fields)
    for field, choice in golden(fields).items():
        shown = [choice.chosen, *choice.others]
        assert set(shown) <= set(fields[field])
        assert all(is_real(statement.value) for statement in shown)
        folded = [statement.value.casefold().replace("ż", "z") for statement in shown]
        assert len(folded) == len(set(folded))
        assert set(folded) == {s.value.casefold().replace("ż", "z") for s in fields[field] if is_real(s.value)}


@pytest.mark.parametrize("rule", sorted(RULES))
@given(STATEMENTS.filter(bool))
def test_every_rule_is_deterministic(rule: str, statements: list[Statement]) -> None:
    choice = choose(statements, rule=rule, ranks={})
    assert isinstance(choice, Choice)
    assert choice == choose(statements[::-1], rule=rule, ranks={})


@pytest.mark.parametrize(
    ("value", "expected"), [("A.", True), ("J. K.", True), ("Al", False), ("", False), ("J.Kot", False)]
)
def test_initials(value: str, expected: bool) -> None:
    assert is_initial(value) is expected


def test_a_language_with_its_country_says_the_same() -> None:
    choice = golden({"locale": [said("pl", days_ago=1), said("pl-PL", 2), said("PL_pl", 3, days_ago=3)]})
    assert choice["locale"].others == ()
    choice = golden({"locale": [said("pl", days_ago=1), said("en-GB", 2)]})
    assert [other.value for other in choice["locale"].others] == ["pl"]


@pytest.mark.parametrize(
    ("street", "number", "other", "disagree"),
    [
        ("ul. Kolejowa", "105", "ul. Kolejowa 105", False),
        ("Kolejowa", None, "ul. Kolejowa 105", False),
        ("ul. Kolejowa", "105", "Kolejowa", False),
        ("ul. Kolejowa", "105", "ul. Kolejowa 107", True),
        ("ul. Kolejowa", "105", "ul. Lipowa 105", True),
    ],
)
def test_a_street_that_leads_to_one_house_is_no_disagreement(
    street: str, number: str | None, other: str, disagree: bool
) -> None:
    fields = {"street": [said(street), said(other, 2, days_ago=9)]} | (
        {"house_number": [said(number)]} if number else {}
    )
    assert [each.value for each in golden(fields)["street"].others] == [other] * disagree
