from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from crm360.identity.models import Contact
from crm360.profiles import operations, search, search_index
from crm360.profiles.models import SearchTerm, SearchVariant
from tests.profiles import people


@pytest.fixture
def anna(session: Any, now: datetime) -> int:
    """Anna Kowalska-Żak of two sources, with everything a person can be found by, among others like her."""
    profile_id = people.profile(now)
    shop = people.contact(
        profile_id,
        now,
        given_name="Anna",
        family_name="Kowalska-Żak",
        city="Bielsko-Biała",
        known=(("email", "anna.kowalska82@firma-abc.pl"), ("customer_id", "C-1009"), ("device", "d3v1ce")),
    )
    people.contact(
        profile_id,
        now,
        source="pos",
        full_name="A. Kowalska",
        known=(("phone", "+48 602 123 456"), ("card", "KL 2900 7781"), ("national_id", "44051401458")),
    )
    search.add_terms(terms=[(shop, "order", "#PL-4711/2026")] * 2)
    operations.refresh(profile_ids=[profile_id], now=now)
    people.customer(now, given_name="Anna", family_name="Nowak", known=(("phone", "602 999 888"),))
    people.customer(now, given_name="Ewa", family_name="Kowalik", known=(("email", "ewa@wp.pl"),))
    people.customer(now, given_name="Grzegorz", family_name="Brzęczyszczykiewicz", city="Łódź")
    return profile_id


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("kowalska", "name"),
        ("KOWALSKA zak", "name"),
        ("żak ann", "name"),
        ("kowalska-żak", "name"),
        ("kowlaska", "name"),
        ("kowaslka anna", "name"),
        ("kovalska", "name"),
        ("kow bielsko", "city"),
        ("anna.kowalska82", "email"),
        ("anna.kowalska82@fir", "email"),
        ("ANNA.KOWALSKA82@FIRMA-ABC.PL", "email"),
        ("@firma-abc.pl", "email"),
        ("firma-abc.pl", "email"),
        ("602123456", "phone"),
        ("602 123", "phone"),
        ("+48 602 123 456", "phone"),
        ("0048602123456", "phone"),
        ("48602123456", "phone"),
        ("(602) 123-456", "phone"),
        ("23456", "phone"),
        ("123 456", "phone"),
        ("kowal 602", "phone"),
        ("602 kowal", "phone"),
        ("602 1234 kow", "phone"),
        ("KL2900", "card"),
        ("7781", "card"),
        ("kl 2900 7781", "card"),
        ("PL-4711/2026", "order"),
        ("pl4711", "order"),
        ("#PL-4711", "order"),
        ("11/2026", "order"),
        ("C-1009", "id"),
        ("1009 anna", "id"),
    ],
)
def test_anna_is_found_first_by(query: str, kind: str, anna: int) -> None:
    hits = search.find(query=query)
    assert hits, query
    assert (hits[0].profile_id, hits[0].matched_kind) == (anna, kind)
    assert hits[0].display_name == "Anna Kowalska-Żak" or hits[0].display_name == "Anna Kowalska"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "  ",
        "!?",
        "@",
        "+",
        "d3v1ce",
        "44051401458",
        "anna 999 kowalska",
        "zzzzzz",
        "%",
        "_",
        "kowalska grzegorz",
        "602 7782",
    ],
)
def test_nothing_is_found_by(query: str, anna: int) -> None:
    assert search.find(query=query) == []


@pytest.mark.parametrize(
    ("query", "kind", "text", "bold"),
    [
        ("602 123", "phone", "602 123 456", ["602 123"]),
        ("3456", "phone", "602 123 456", ["3 456"]),
        ("kowalska82", "email", "anna.kowalska82@firma-abc.pl", ["kowalska82"]),
        ("7781", "card", "KL 2900 7781", ["7781"]),
        ("pl 4711", "order", "PL47112026", ["PL4711"]),
        ("nowak", "name", "Anna Nowak", ["Nowak"]),
        ("lod", "city", "lodz", ["lod"]),
    ],
)
def test_a_hit_says_why(query: str, kind: str, text: str, bold: list[str], anna: int) -> None:
    hit = search.find(query=query)[0]
    shown = [hit.matched_text[start:end] for start, end in hit.matched_fragments]
    assert (hit.matched_kind, hit.matched_text, shown) == (kind, text, bold)


def test_the_fragments_in_the_name_are_known_though_something_else_tells_more(anna: int) -> None:
    hit = search.find(query="602 kowal ann")[0]
    assert hit.matched_kind == "phone"
    assert [hit.display_name[start:end] for start, end in hit.name_fragments] == ["Ann", "Kowal"]


@pytest.mark.parametrize("query", ["gzegosz", "grzegoz", "brzeczysz", "bżęczyszczykiewicz", "lodz grzegorz"])
def test_polish_letters_and_sounds_are_optional(query: str, anna: int) -> None:
    assert search.find(query=query)[0].display_name == "Grzegorz Brzęczyszczykiewicz"


def test_a_whole_word_comes_before_a_beginning_and_that_before_a_misspelling(session: Any, now: datetime) -> None:
    for family in ("Kowalski", "Kowal", "Kowel"):
        people.customer(now, family_name=family)
    assert [hit.display_name for hit in search.find(query="kowal")] == ["Kowal", "Kowalski", "Kowel"]


def test_of_equals_the_last_seen_comes_first_and_the_limit_holds(session: Any, now: datetime) -> None:
    seen = [people.customer(now - timedelta(days=days), family_name="Kowal") for days in (3, 1, 2)]
    assert [hit.profile_id for hit in search.find(query="kowal")] == [seen[1], seen[2], seen[0]]
    assert [hit.profile_id for hit in search.find(query="kowal", limit=1)] == [seen[1]]


@pytest.mark.parametrize("query", ["kow", "kowalska 602", "ann", "kovalska", "a", "no 4711"])
def test_a_narrowed_search_finds_those_of_the_whole_one_that_fit(query: str, anna: int, now: datetime) -> None:
    for number in range(12):
        people.customer(now, given_name="Anna", family_name=f"Kowalik{number}")
    everybody = [hit.profile_id for hit in search.find(query=query, limit=100)]
    for keep in ({anna}, set(everybody[::2]), set()):
        narrowed = [hit.profile_id for hit in search.find(query=query, limit=100, keep=keep.intersection)]
        assert set(narrowed) >= set(everybody) & keep
        assert set(narrowed) <= keep
        assert [each for each in narrowed if each in everybody] == [each for each in everybody if each in keep]


def test_a_visitor_nobody_has_named_is_not_found(session: Any, now: datetime) -> None:
    contact_id = people.contact(None, now)
    search.add_terms(terms=[(contact_id, "order", "778899")])
    assert session.scalar(select(func.count()).select_from(SearchTerm)) == 2
    assert search.find(query="778899") == []


def test_a_split_customer_is_found_as_two(anna: int, session: Any, now: datetime) -> None:
    other = people.profile(now)
    till = session.scalars(select(Contact).where(Contact.profile_id == anna, Contact.source == "pos")).one()
    till.profile_id = other
    session.flush()
    operations.refresh(profile_ids=[anna, other], now=now)
    assert [hit.profile_id for hit in search.find(query="602123456")] == [other]
    assert search.find(query="602123456 anna") == []


def test_a_forgotten_contact_leaves_no_word_behind(session: Any, now: datetime) -> None:
    kept = people.customer(now, family_name="Kowalska")
    gone = people.customer(now, given_name="Zenobia", family_name="Kowalska", known=(("phone", "602 111 222"),))
    contact_ids = session.scalars(select(Contact.id).where(Contact.profile_id == gone)).all()
    search_index.forget(contact_ids)
    assert [hit.profile_id for hit in search.find(query="kowalska")] == [kept]
    assert set(session.scalars(select(SearchVariant.word))) == {"kowalska"}
    assert search.find(query="zenobja") == []


def test_a_corrected_name_leaves_no_misspellings_of_the_old_one(session: Any, now: datetime) -> None:
    profile_id = people.customer(now, family_name="Kowalska")
    contact = session.scalars(select(Contact).where(Contact.profile_id == profile_id)).one()
    contact.fields = {"family_name": {"value": "Nowakowska", "at": now.isoformat()}}
    session.flush()
    operations.refresh(profile_ids=[profile_id], now=now)
    assert set(session.scalars(select(SearchVariant.word))) == {"nowakowska"}


@pytest.mark.parametrize(
    "query", ["x" * 5000, "a " * 500, "'; DROP TABLE profiles_search_term --", "\x00", "a\x00b@c.pl", "🙂", "1" * 300]
)
def test_whatever_is_typed_is_answered(query: str, anna: int) -> None:
    assert isinstance(search.find(query=query), list)
