"""Fields that want a customer take a number, or whatever names exactly one; of several they say which."""

from __future__ import annotations

from typing import Any

import pytest

from crm360.identity.models import Contact
from crm360.privacy.models import Case
from crm360.web import named
from tests.web.test_campaigns import MESSAGE

DATABASES = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def visitor(visit_as: Any, shop: dict[str, int]) -> Any:
    return visit_as("admin")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("17", 17),
        ("#17", 17),
        (" #17 Anna Kowalska ", 17),
        ("17 Anna", None),
        ("+48 602", None),
        ("", None),
        ("#", None),
    ],
)
def test_a_number_is_told_as_such_or_as_a_choice_leaves_it(text: str, told: int | None) -> None:
    assert named.number(text) == told


@DATABASES
@pytest.mark.parametrize("typed", ["{anna}", "#{anna}", "#{anna} whatever stands behind it", "wisniewski", "602118447"])
def test_a_case_is_opened_for_whom_the_field_names(visitor: Any, shop: Any, session: Any, typed: str) -> None:
    text = typed.format(**shop)
    answer = visitor.submit("/privacy/cases/new", action="/privacy/cases", right="access", customer=text, via="phone")
    assert answer.status_code == 303
    case = session.query(Case).order_by(Case.id.desc()).first()
    meant = shop["piotr"] if text == "wisniewski" else shop["anna"]
    assert session.get(Contact, case.contact_id).profile_id == meant


@DATABASES
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("an", "Several customers match"), ("zzzzqq", "No customer matches"), ("#999999", "No customer matches"),
        ("", "No customer matches"),
    ],
)  # fmt: skip
def test_of_several_or_nobody_no_case_is_opened_and_what_was_typed_stays(
    visitor: Any, shop: Any, session: Any, typed: str, says: str
) -> None:
    before = session.query(Case).count()
    answer = visitor.submit("/privacy/cases/new", action="/privacy/cases", right="erasure", customer=typed, via="phone")
    html = answer.get_data(as_text=True)
    assert (answer.status_code, says in html) == (422, True)
    assert f'value="{typed}"' in html
    assert '<option value="phone" selected>' in html
    assert ("Anna Kowalska, Kraków" in html, f"#{shop['anna']} " in html) == (typed == "an", typed == "an")
    assert session.query(Case).count() == before


@DATABASES
def test_the_log_is_asked_by_name_and_by_a_number_nobody_has_any_more(visitor: Any, shop: Any) -> None:
    visitor.get(f"/customers/{shop['piotr']}")
    page = visitor.page("/privacy/access?profile=wisniewski")
    assert f"Customer #{shop['piotr']}" in page.text
    assert visitor.get("/privacy/access?profile=999999").status_code == 200
    unclear = visitor.get("/privacy/access?profile=an")
    assert (unclear.status_code, "Several customers match" in unclear.get_data(as_text=True)) == (422, True)
    assert visitor.get("/privacy/access?profile=an&form=csv").status_code == 422


@DATABASES
def test_a_hold_begins_from_a_page_that_names_the_customer(visitor: Any, shop: Any) -> None:
    assert f'value="#{shop["piotr"]} Piotr Wiśniewski"' in visitor.page(f"/privacy/holds?profile={shop['piotr']}").html
    answer = visitor.submit(
        "/privacy/holds", action="/privacy/holds", profile="wisniewski", ground="Claim", legal_ref="Art. 17(3)(e)",
        review_on="2199-01-01",
    )  # fmt: skip
    assert answer.status_code == 303


@DATABASES
def test_previews_of_a_template_are_chosen_by_name(visitor: Any, shop: Any) -> None:
    kept = visitor.submit("/templates/new", action="/templates/new", **MESSAGE)
    page = visitor.page(f"{kept.headers['Location'].partition('#')[0]}?person=wisniewski&person=zzzzqq&person=")
    assert "Piotr Wiśniewski" in page.text
    assert "zzzzqq: No customer matches" in page.text


@DATABASES
def test_options_carry_what_the_field_is_to_hold(visitor: Any, shop: Any) -> None:
    def offered(text: str) -> str:
        told = {"box": "h-profile", "field": "profile", "profile": text}
        return str(visitor.get("/customers/picks", query_string=told, headers=HTMX).get_data(as_text=True))

    assert f'data-value="#{shop["anna"]} Anna Kowalska"' in offered("kowalska")
    assert offered(f"#{shop['anna']} Anna Kowalska").count('role="option"') == 1
    assert "Nobody matches" in offered("zzzzqq")
    assert "<script>" not in offered("<script>")
