"""Previous and next of the list one came from; order numbers as written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm360.commerce import numbers
from crm360.facts import ContactRef
from crm360.web.walking import Walk, walk
from tests.web import scene


@pytest.mark.parametrize(
    ("ids", "at", "place"),
    [
        ([5, 7, 9], 7, Walk(5, 9, 2, 3, "q")),
        ([5, 7, 9], 5, Walk(None, 7, 1, 3, "q")),
        ([5, 7, 9], 9, Walk(7, None, 3, 3, "q")),
        ([5], 5, None),
        ([5, 7], 8, None),
        ([], 8, None),
    ],
)
def test_a_place_in_a_list(ids, at, place):
    assert walk(ids, at, "q") == place


def test_a_customer_leads_to_the_next_of_the_search(visit_as, shop):
    client = visit_as("sales")
    client.page("/customers?q=kowalska")
    page = client.page(f"/customers/{shop['anna']}")
    steps = {given["data-key"]: given["href"] for tag, given in page.tags if given.get("data-key") in ("[", "]")}
    assert list(steps.values()) == [f"/customers/{shop['anna_again']}"]
    assert "of 2" in page.text
    assert "of 2" not in client.page(f"/customers/{shop['piotr']}").text


@pytest.mark.parametrize("typed", ["KRK/26/01660", "krk2601660", "01660", "KRK 26"])
def test_an_order_found_is_shown_with_its_number_as_written(visit_as, shop, typed):
    scene.tell([scene.order(ContactRef(scene.SHOP, "9000"), "KRK/26/01660", datetime.now(UTC), first=0, count=1)], datetime.now(UTC))  # fmt: skip
    html = visit_as("sales").get("/customers", query_string={"q": typed}).get_data(as_text=True)
    text = html.replace("<mark>", "").replace("</mark>", "")
    assert "KRK/26/01660" in text
    assert "KRK2601660" not in text


def test_numbers_are_asked_for_whom_they_belong_to(shop):
    asked = {shop["anna"]: "4711", shop["piotr"]: "4711"}
    assert numbers.as_written(asked) == {shop["anna"]: "4711"}
    assert numbers.as_written({}) == {}
