"""The list of customers in the browser: narrowed and ordered by its address, saved under names, remembered."""

from __future__ import annotations

import re
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crm360.accounts import operations as accounts
from crm360.accounts.models import AuditEntry
from crm360.kernel.db import db
from crm360.lists import reading
from crm360.lists.models import Saved
from crm360.profiles import operations as profiles
from crm360.sales import operations as sales
from crm360.web import list_view
from tests.web.conftest import PASSWORD, hire

ROWS = re.compile(r'class="row-link" href="/customers/(\d+)"')


def shown(client: Any, path: str) -> list[int]:
    return [int(each) for each in ROWS.findall(client.page(path).html)]


def test_everybody_is_listed_by_name_and_the_form_is_the_address(visit_as: Any, shop: dict[str, int]) -> None:
    client = visit_as("sales")
    everybody = shown(client, "/customers")
    assert len(everybody) == len(set(everybody)) >= 11
    answer = client.submit("/customers?sort=name", action="/customers", city="krakow", sort="-last", columns="phone")
    asked = parse_qs(urlsplit(answer.request.url).query)
    assert (asked["city"], asked["sort"], asked["columns"]) == (["krakow"], ["-last"], ["phone"])
    page = client.page(f"/customers?{urlsplit(answer.request.url).query}")
    assert "+48" in page.html or "602 118 447" in page.html
    assert 0 < len(ROWS.findall(page.html)) < len(everybody)
    assert str(shop["anna"]) in ROWS.findall(page.html)


def test_a_list_is_read_page_by_page(visit_as: Any, shop: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_view.reading, "page", partial(reading.page, limit=4))
    client = visit_as("sales")
    everybody, path = [], "/customers?sort=name"
    while path:
        page = client.page(path)
        everybody += ROWS.findall(page.html)
        path = next((given["href"] for tag, given in page.tags if "after=" in given.get("href", "")), "")
    assert len(everybody) == len(set(everybody)) >= 11
    assert client.get("/customers?sort=name&after=x").status_code == 422


def test_tags_owners_and_sources_narrow_a_list(visit_as: Any, shop: dict[str, int], moment: Any) -> None:
    client = visit_as("sales")
    me = db.session.query(accounts.Staff).filter_by(email="sales@example.com").one().id
    profiles.set_tag(profile_id=shop["piotr"], name="VIP", by="Marta", now=moment)
    sales.set_owner(profile_id=shop["anna"], staff_id=me, by="Marta", now=moment)
    assert shown(client, "/customers?tag=vip") == [shop["piotr"]]
    assert shown(client, "/customers?owner=me") == [shop["anna"]]
    assert shop["anna"] not in shown(client, "/customers?owner=none")
    assert shown(client, "/customers?tag=vip&owner=me") == []
    assert shop["anna"] in shown(client, "/customers?source=chat")
    assert shown(client, "/customers?source=nowhere") == []


def test_a_typed_search_is_narrowed_by_the_same_conditions(visit_as: Any, shop: dict[str, int], moment: Any) -> None:
    client = visit_as("sales")
    me = db.session.query(accounts.Staff).filter_by(email="sales@example.com").one().id
    sales.set_owner(profile_id=shop["anna"], staff_id=me, by="Marta", now=moment)
    everybody = shown(client, "/customers?q=kowalska")
    assert {shop["anna"], shop["anna_again"]} <= set(everybody)
    answer = client.submit("/customers?q=kowalska", action="/customers", owner="me", country="polska")
    narrowed = urlsplit(answer.request.url).query
    assert parse_qs(narrowed)["q"] == ["kowalska"]
    assert shown(client, f"/customers?{narrowed}") == [shop["anna"]]
    page = client.page("/customers?q=kowalska+anna&owner=me&country=DE")
    assert ROWS.findall(page.html) == []
    assert "with these filters" in page.text
    without = next(given["href"] for tag, given in page.tags if given.get("aria-label") == "Without Country: DE")
    assert shown(client, without) == [shop["anna"]]
    assert shown(client, "/customers?country=PL&sort=name")


def test_the_list_used_last_comes_back(visit_as: Any, shop: dict[str, int]) -> None:
    client = visit_as("sales")
    assert client.get("/customers").status_code == 200
    client.page("/customers?city=krakow&sort=-name")
    assert client.get("/customers").location == "/customers?city=krakow&sort=-name"
    client.page("/customers?q=anna")
    client.page("/customers?show=opened")
    assert client.get("/customers").location == "/customers?city=krakow&sort=-name"
    client.page("/customers?sort=name")
    assert client.get("/customers").status_code == 200


def test_what_a_list_showed_is_on_the_trail(visit_as: Any, shop: dict[str, int]) -> None:
    visit_as("sales").page("/customers?owner=none")
    act = db.session.query(AuditEntry).filter_by(action="profiles.listed").one()
    assert act.details["asked"] == {"owner": "none"}
    assert shop["anna"] in act.details["profile_ids"]


def test_a_list_is_saved_renamed_changed_and_given_up(visit_as: Any) -> None:
    client = visit_as("sales")
    at = client.submit("/customers?city=krakow&sort=-last", action="/customers/lists", name=" Kraków  first ").location
    saved = db.session.query(Saved).one()
    assert (saved.name, saved.shared, saved.asked) == ("Kraków first", False, {"city": "krakow", "sort": "-last"})
    assert "Kraków first" in client.page(at).text
    assert client.get("/customers").location == at
    kept = f"/customers/lists/{saved.id}"
    client.submit(f"{at}&tag=vip", action=kept, name="Kraków", anew="1")
    assert (saved.name, saved.asked["tag"]) == ("Kraków", "vip")
    client.submit(at, action=kept, name="Only the name")
    assert (saved.name, saved.asked["tag"]) == ("Only the name", "vip")
    client.submit(at, action=f"{kept}/removal")
    assert db.session.query(Saved).count() == 0
    assert client.get(at).status_code == 404
    assert client.get("/customers").location == "/customers?city=krakow&sort=-last"


@pytest.mark.parametrize("name", ["", " ", "x" * 61])
def test_a_name_that_is_none_is_refused(visit_as: Any, name: str) -> None:
    client = visit_as("sales")
    assert client.submit("/customers?sort=name", action="/customers/lists", name=name).status_code == 422
    client.submit("/customers?sort=name", action="/customers/lists", name="Mine")
    assert client.submit("/customers?sort=name", action="/customers/lists", name="Mine").status_code == 422


def test_a_shared_list_is_everybodys_to_use_and_its_makers_to_change(visit_as: Any, app: Any) -> None:
    client = visit_as("sales")
    client.submit("/customers?tag=vip", action="/customers/lists", name="Kept to myself")
    client.submit("/customers?tag=vip", action="/customers/lists", name="For all", shared="1")
    own, shared = db.session.query(Saved).order_by(Saved.id)
    other: Any = app.test_client()
    hire("marketing")
    other.submit("/sign-in", action="/sign-in", email="marketing@example.com", password=PASSWORD)
    page = other.page("/customers?sort=name")
    assert "For all" in page.text
    assert "Kept to myself" not in page.text
    assert other.get(f"/customers?list={own.id}").status_code == 404
    assert f"/customers/lists/{shared.id}" not in {
        form.action for form in other.page(f"/customers?list={shared.id}").forms
    }
    token = page.forms[-1].values.get("csrf_token") or page.form(action="/customers/lists").values["csrf_token"]
    refused = other.post(f"/customers/lists/{shared.id}/removal", data={"csrf_token": token})
    assert (refused.status_code, db.session.query(Saved).count()) == (403, 2)
    assert other.post(f"/customers/lists/{own.id}", data={"csrf_token": token, "name": "x"}).status_code == 404
    hire("admin")
    boss: Any = app.test_client()
    boss.submit("/sign-in", action="/sign-in", email="admin@example.com", password=PASSWORD)
    boss.submit(f"/customers?list={shared.id}&tag=vip", action=f"/customers/lists/{shared.id}/removal")
    assert [each.name for each in db.session.query(Saved)] == ["Kept to myself"]


def test_marketing_sees_masked_details(visit_as: Any) -> None:
    page = visit_as("marketing").page("/customers?columns=email,phone&city=krakow")
    assert "anna.kowalska@example.com" not in page.html
    assert "a•••@example.com" in page.text
    assert "118 447" not in page.text


def test_each_condition_in_force_is_told_and_can_be_dropped(visit_as: Any, shop: dict[str, int]) -> None:
    page = visit_as("sales").page("/customers?city=krakow&owner=none&bought=within-45&sort=-last")
    dropped = {
        given["aria-label"]: given["href"]
        for _, given in page.tags
        if given.get("aria-label", "").startswith("Without ")
    }
    assert dropped["Without City: krakow"] == "/customers?owner=none&bought=within-45&sort=-last"
    assert list(dropped) == [
        "Without Owner: nobody’s",
        "Without City: krakow",
        "Without Last purchase: in the last 45 days",
    ]
