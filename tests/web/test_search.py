"""Finding customers: the list without script, the suggestions with it, the first screen."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("query", "name", "why"),
    [
        ("kowlaska", "Anna Kowalska", "Full name"),
        ("wojcik", "Maria Wójcik", "Full name"),
        ("8447", "Anna Kowalska", "Phone"),
        ("602118447", "Anna Kowalska", "Phone"),
        ("4711", "Anna Kowalska", "Order"),
        ("2900001778120", "Anna Kowalska", "Loyalty card"),
        ("anna.kowalska@example.com", "Anna Kowalska", "E-mail"),
    ],
)
def test_whatever_one_remembers_finds_the_person(visit_as, query, name, why):
    page = visit_as("sales").page(f"/customers?q={query}")
    assert name in " ".join(page.text.split())
    assert why in page.text


def test_the_match_is_marked(visit_as):
    assert "<mark>Kowal</mark>" in visit_as("sales").get("/customers?q=kowal").get_data(as_text=True)


def test_the_list_shows_purchases_and_consents(visit_as):
    html = visit_as("sales").get("/customers?q=kowalska").get_data(as_text=True)
    assert "PLN\N{NO-BREAK SPACE}249.00" in html
    assert 'aria-label="E-mail: offers allowed"' in html
    assert 'aria-label="SMS: no offers"' in html


def test_nobody_found_says_what_to_try(visit_as):
    assert "Try fewer letters" in visit_as("sales").page("/customers?q=zzzzqq").text


def test_suggestions_are_options_of_a_listbox(visit_as, shop):
    answer = visit_as("sales").get("/customers/suggestions?q=kowalska&box=seek", headers={"HX-Request": "true"})
    html = answer.get_data(as_text=True)
    assert 'role="listbox"' in html
    assert html.count('role="option"') == 2
    assert f'href="/customers/{shop["anna"]}"' in html


def test_an_empty_box_offers_whom_i_opened(visit_as, shop):
    client = visit_as("sales")
    client.get(f"/customers/{shop['piotr']}")
    assert "Piotr Wiśniewski" in client.get("/customers/suggestions?q=", headers={"HX-Request": "true"}).get_data(
        as_text=True
    )
    assert "Piotr Wiśniewski" in client.page("/").text


def test_a_query_is_shown_as_text(visit_as):
    html = visit_as("sales").get("/customers?q=<script>alert(1)</script>").get_data(as_text=True)
    assert "<script>alert" not in html


def test_the_first_screen_counts_what_waits(visit_as):
    assert "1 possible duplicate" in " ".join(visit_as("sales").page("/").text.split())
