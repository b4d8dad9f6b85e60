"""The search box as a palette: pages, actions and segments beside customers, by role, and as a page without script."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm360.segments import operations as segments
from crm360.web import palette
from tests.pages import Page

HTMX = {"HX-Request": "true"}


def options(client, query: str) -> list[str]:
    """Where the offered pages and actions lead."""
    html = client.get("/customers/suggestions", query_string={"q": query}, headers=HTMX).get_data(as_text=True)
    page = Page(html)
    assert page is not None
    return [part.split('"')[0] for part in html.split('is-deed" ')[1:] for part in part.split('href="')[1:2]]


@pytest.mark.parametrize(
    ("query", "href"),
    [
        ("new task", "/tasks?new="),
        ("new task call Anna at noon", "/tasks?new=call+Anna+at+noon"),
        ("nowe zadanie oddzwoń", "/tasks?new=oddzwo%C5%84"),
        ("new cust", "/customers/new"),
        ("new customer Jan Nowak", "/customers/new?q=Jan+Nowak"),
        ("call 602 118 447", "/call?phone=602+118+447"),
        ("go to insights", "/insights"),
        ("> deals", "/deals"),
        ("dupl", "/duplicates"),
    ],
)
def test_what_is_typed_names_a_page_or_an_action(visit_as, query, href):
    assert href in options(visit_as("sales"), query)


def test_a_segment_is_found_by_its_name(visit_as):
    made = segments.create(name="Złoci klienci", by="Ola", now=datetime.now(UTC))
    client = visit_as("sales")
    for query in ("zloci", "go to zloci kl", "segment zloci"):
        assert f"/segments/{made.id}" in options(client, query)


def test_nothing_is_offered_that_the_role_may_not(visit_as):
    client = visit_as("sales")
    assert options(client, "new campaign") == []
    assert options(client, "staff") == []
    assert not any(href.startswith("/admin") for href in options(client, ">"))


def test_a_surname_stays_a_surname(visit_as):
    html = visit_as("sales").get("/customers/suggestions?q=kowalska", headers=HTMX).get_data(as_text=True)
    assert "is-deed" not in html


def test_what_could_be_chance_stands_below_the_customers(visit_as):
    html = visit_as("admin").get("/customers/suggestions?q=an", headers=HTMX).get_data(as_text=True)
    assert html.index("/customers/") < html.find("is-deed") or "is-deed" not in html


def test_the_empty_box_shows_what_is_due(visit_as):
    client = visit_as("sales")
    client.submit("/tasks", action="/tasks", title="Send the offer", due_on=f"{datetime.now(UTC):%Y-%m-%d}")
    assert "Send the offer" in client.get("/customers/suggestions?q=", headers=HTMX).get_data(as_text=True)


def test_it_is_a_page_without_script(visit_as):
    client = visit_as("sales")
    assert "New task" in client.page("/customers?q=>").text
    assert "Nothing is called like this" in client.page("/customers?q=>+zzzz").text
    assert "/tasks?new=ring+back" in client.page("/customers?q=new+task+ring+back").html
    assert 'value="ring back"' in client.page("/tasks?new=ring+back").html


@pytest.mark.parametrize(
    ("words", "name", "count"),
    [
        (["new"], ["new", "task"], 1),
        (["task", "new"], ["new", "task"], 2),
        (["new", "new"], ["new", "task"], 1),
        (["x", "new"], ["new"], 0),
        ([], ["new"], 0),
    ],
)
def test_words_begin_words_of_a_name(words, name, count):
    assert palette.named(words, name) == count
