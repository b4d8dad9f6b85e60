"""Pages that say no, and what a person can do then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from crm360.web import error_pages

Visit = Callable[[str], Any]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_page_of_other_roles_says_whose_it_is(visit_as: Visit) -> None:
    answer = visit_as("sales").get("/admin/jobs")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 403
    assert "You are signed in as Marta Zając (Sales). This page is for: Administrator." in text
    assert "Back to the start" in text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_part_of_a_page_is_refused_in_a_toast(visit_as: Visit) -> None:
    answer = visit_as("sales").get("/admin/jobs", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (403, "#toasts")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_here_offers_the_search(visit_as: Visit, client: Any) -> None:
    text = visit_as("sales").get("/customers/987654321").get_data(as_text=True)
    assert "Find a customer" in text
    assert "Try again" not in text
    client.submit("/", action="/sign-out")
    assert "Find a customer" not in client.get("/nowhere").get_data(as_text=True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("status", "method", "again"), [(500, "GET", True), (503, "GET", True), (503, "POST", False), (409, "GET", False)]
)
def test_what_may_have_passed_can_be_tried_again(app: Flask, status: int, method: str, again: bool) -> None:
    with app.test_request_context("/customers?q=anna", method=method):
        html, told = error_pages.page(status, "It broke.")  # type: ignore[misc]
    assert told == status
    assert ('href="/customers?q=anna"' in str(html)) is again
