"""The insights pages: what they show is what was computed, and every figure opens the customers behind it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm360.commerce import operations, value_fits, valuing
from crm360.facts import ContactRef
from crm360.identity.models import Contact
from crm360.insights import figures, promises
from crm360.insights.opening import Opening
from crm360.kernel.db import db
from tests.web import scene
from tests.web.test_groups import seen

TERMS = figures.Terms(Opening(zone="UTC", hours=dict.fromkeys(range(7), (0, 1440))), {"": promises.USUAL})
PAGES = ("", "/loyalty", "/rfm", "/service", "/journeys", "/report")


@pytest.fixture
def computed(shop: dict[str, int]) -> dict[str, int]:
    """The scene with its values and figures, and a regular who has gone quiet."""
    now = datetime.now(UTC)
    ref = ContactRef(scene.SHOP, "regular")
    orders = [scene.order(ref, f"R{days}", now - timedelta(days=days), first=1, count=1) for days in (60, 40, 50, 70)]
    scene.tell([seen("regular", now, email="regular@example.com"), *orders], now)
    operations.abandon_carts(rest=timedelta(hours=1), now=now)
    value_fits.keep(value_fits.learn(now=now))
    valuing.mark_missing()
    while valuing.work_off(now=now):
        pass
    figures.keep(figures.computed(terms=TERMS, now=now), now=now)
    db.session.commit()
    regular = db.session.query(Contact.profile_id).filter_by(external_id="regular").scalar()
    return {**shop, "regular": regular}


@pytest.mark.parametrize("path", PAGES)
def test_before_the_first_figures_a_page_says_so(visit_as: Any, path: str):
    page = visit_as("marketing").page(f"/insights{path}")
    assert "The figures are being computed" in page.text or path == "/service"


def test_every_figure_of_the_experience_page_opens_its_customers(visit_as: Any, computed: dict[str, int]):
    client = visit_as("marketing")
    page = client.page("/insights")
    told = figures.of("experience")
    assert told is not None
    assert page.text.count("at stake") + ("Answer who waits" in page.text) == len(told.document["actions"]) > 0
    links = {given.get("href", "") for tag, given in page.tags if tag == "a"}
    opened = [link for link in links if "/insights/customers?" in link]
    assert len(opened) >= 20
    counts = {link: counted(client, link) for link in opened}
    for window in ("now", "before"):
        for figure in ("buyers", "new", "returning"):
            assert counts[f"/insights/customers?figure={figure}&window={window}"] == told.document[window][figure]
    quiet = client.page("/insights/customers?action=silent")
    assert f"/customers/{computed['regular']}" in {given.get("href") for tag, given in quiet.tags if tag == "a"}


def counted(client: Any, link: str) -> int:
    """What the heading of a list says."""
    found = re.search(r"<p>([\d,]+) customers?", client.get(link).get_data(as_text=True))
    assert found, link
    return int(found[1].replace(",", ""))


@pytest.mark.parametrize("path", PAGES)
def test_pages_show_what_was_computed(visit_as: Any, computed: dict[str, int], path: str):
    page = visit_as("sales").page(f"/insights{path}")
    assert "The figures are being computed" not in page.text
    assert "Insights" in page.text


def test_lists_of_cells_cohorts_states_and_paths(visit_as: Any, computed: dict[str, int]):
    client = visit_as("sales")
    loyalty = client.page("/insights/loyalty")
    cohort = next(given["href"] for tag, given in loyalty.tags if tag == "a" and "cohort=" in given.get("href", ""))
    assert counted(client, cohort) >= 1
    told = figures.of("loyalty")
    assert told is not None
    assert counted(client, "/insights/customers?state=late") == told.document["churn"]["late"]
    grid = client.page("/insights/rfm")
    cell = next(given["href"] for tag, given in grid.tags if tag == "a" and "recency=" in given.get("href", ""))
    client.page(cell)
    assert counted(client, "/insights/customers?path=0") >= 1
    for nothing in (
        "",
        "?figure=nonsense",
        "?recency=9&frequency=1",
        "?cohort=2026-99",
        "?path=4711",
        "?figure=buyers&window=x",
    ):
        assert client.get(f"/insights/customers{nothing}").status_code == 404
    lines = client.get("/insights/cohorts.csv").get_data(as_text=True).splitlines()
    assert lines[0].startswith("cohort,customers,month_0,month_1")
    assert len(lines) == len(told.document["cohorts"]) + 1


def test_a_month_is_reported_beside_the_one_before(visit_as: Any, computed: dict[str, int]):
    client = visit_as("marketing")
    month = f"{datetime.now(UTC):%Y-%m}"
    assert f"window={month}" in client.get(f"/insights/report?month={month}").get_data(as_text=True)
    assert client.get("/insights/report?month=1999-01").status_code == 404


def test_the_administrator_says_when_the_shop_is_open_and_what_is_promised(visit_as: Any, computed: dict[str, int]):
    client = visit_as("admin")
    fields = {"open-0": "1", "opens-0": "10:00", "closes-0": "14:30"}
    assert client.submit("/insights/service", action="/insights/hours", **fields).status_code == 303
    answer = client.submit("/insights/service", action="/insights/promises", **{"chat-first": "5", "all-first": "90"})
    assert answer.status_code == 303
    assert promises.targets()["chat"].first == 300.0
    assert promises.targets()[""].first == 5400.0
    hours = promises.opening(zone="UTC", country="PL").hours
    assert hours[0] == (600, 870)
    wrong = client.submit(
        "/insights/service", action="/insights/hours", **{"open-1": "1", "opens-1": "15:00", "closes-1": "14:00"}
    )
    assert wrong.status_code in (409, 422)


def test_only_the_administrator_sets_promises(visit_as: Any, computed: dict[str, int]):
    page = visit_as("sales").page("/insights/service")
    assert "Save promises" not in page.text
    assert "All other channels" in page.text


def test_prospects_of_a_customer_are_explained(visit_as: Any, computed: dict[str, int]):
    client = visit_as("sales")
    page = client.page(f"/customers/{computed['regular']}/prospects")
    assert "Median of their pauses between purchase days: 10 days; silent for 40 days." in page.text
    assert "Lapsed" in page.text
    assert "4 orders on 4 days" in page.text
    assert "too few customers for a model" in page.text
    fragment = client.get(f"/customers/{computed['anna']}/prospects", headers={"HX-Request": "true"})
    assert "<html" not in fragment.get_data(as_text=True)
