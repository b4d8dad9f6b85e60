from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.profiles.search_terms import TAILS, compact, first_of_contact, of_contact, of_identifier


@pytest.mark.parametrize(
    ("kind", "value", "normal", "terms"),
    [
        ("phone", "602 123 456", "+48602123456", {("phone", "602123456"), ("phone_tail", "654321206")}),
        ("card", "KL 29-7", "KL297", {("card", "kl297"), ("card_tail", "792lk")}),
        ("order", "#PL-4711/26", "#PL-4711/26", {("order", "pl471126"), ("order_tail", "621174lp")}),
        ("customer_id", "C9", "C9", {("id", "c9"), ("id_tail", "9c")}),
        ("device", "d1", "d1", set()),
        ("national_id", "44051401458", "44051401458", set()),
        ("order", "##", "##", set()),
    ],
)
def test_numbers(kind: str, value: str, normal: str, terms: set[tuple[str, str]]) -> None:
    assert of_identifier(kind, value, normal) == terms


def test_an_address_is_found_by_all_of_its_parts() -> None:
    terms = {term for _, term in of_identifier("email", "A.Kowalska_82+shop@Gmail.com", "akowalska_82@gmail.com")}
    assert terms == {
        "akowalska_82@gmail.com",
        "a.kowalska_82+shop@gmail.com",
        "akowalska82",
        "akowalska82shop",
        "a",
        "kowalska",
        "82",
        "shop",
    }


def test_a_domain_of_ones_own_is_a_way_to_be_found_a_public_one_is_not() -> None:
    assert {"meble-kowal.pl", "meblekowal"} <= {
        t for _, t in of_identifier("email", "x@meble-kowal.pl", "x@meble-kowal.pl")
    }
    assert not {"wp.pl", "wp"} & {t for _, t in of_identifier("email", "x@wp.pl", "x@wp.pl")}


def test_words_of_fields() -> None:
    fields = {"given_name": {"value": "Anna Maria"}, "city": {"value": "Bielsko-Biała"}, "gender": {"value": "female"}}
    assert of_contact(fields, ()) == {("name", "anna"), ("name", "maria"), ("city", "bielsko"), ("city", "biala")}


@given(st.sampled_from(["order", "card", "customer_id"]), st.text(max_size=200))
def test_a_number_has_its_term_forward_and_reversed_and_nothing_to_fold_any_more(kind: str, value: str) -> None:
    terms = dict(of_identifier(kind, value, value))
    forward = {term for name, term in terms.items() if name not in TAILS}
    assert {term[::-1] for name, term in terms.items() if name in TAILS} == forward
    assert all(term and compact(term) == term and len(term) <= 80 for term in forward)


@given(
    st.dictionaries(st.sampled_from(["given_name", "family_name", "company", "city"]), st.text(max_size=20)),
    st.sampled_from(["jan.kowalski@firma.example", "a@wp.pl"]),
    st.sampled_from(["PL-0004711", "12 34"]),
)
def test_what_finds_a_contact_while_it_waits_finds_it_afterwards(fields: dict[str, str], email: str, card: str) -> None:
    held = [("email", email, email), ("phone", "601 234 567", "+48601234567"), ("card", card, compact(card).upper())]
    dated = {name: {"value": value} for name, value in fields.items()}
    first, later = first_of_contact(dated, held), of_contact(dated, held)
    assert first <= later
    assert {term for term in later if term[0] in ("name", "company")} <= first
