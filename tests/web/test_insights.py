"""The insights pages: what they show is what was computed, and every figure opens the customers behind it."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask_babel import force_locale

from crm360.commerce import operations, value_fits, valuing
from crm360.commerce.models import CustomerValue
from crm360.facts import ContactRef
from crm360.identity.models import Contact
from crm360.insights import figures, promises
from crm360.insights.opening import Opening
from crm360.kernel.db import db
from crm360.segments import operations as segments
from crm360.surveys import kinds
from crm360.web import insight_words
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
    lines = file(client, "cohorts")
    assert lines[0][:4] == ["cohort", "customers", "month_0", "month_1"]
    assert len(lines) == len(told.document["cohorts"]) + 1


def file(client: Any, name: str) -> list[list[str]]:
    """The rows of a file."""
    answer = client.get(f"/insights/{name}" if "?" in name else f"/insights/{name}.csv")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_each_picture_has_its_table_beneath_and_its_file(visit_as: Any, computed: dict[str, int]):
    client = visit_as("sales")
    journeys = figures.of("journeys")
    assert journeys is not None
    flows, funnel = journeys.document["links"], journeys.document["funnel"]
    assert [row[3] for row in file(client, "flows")[1:]] == [str(count) for *_, count in flows]
    assert [row[:2] for row in file(client, "funnel")[1:]] == [
        [each["step"], str(each["customers"])] for each in funnel
    ]
    cells = {tuple(row[:3]) for row in file(client, "rfm")[1:]}
    bought = db.session.query(CustomerValue).filter(CustomerValue.purchase_days > 0).count()
    assert sum(int(count) for _, _, count in cells) == bought > 0
    for path, drawn, files in (
        ("journeys", 2, ("flows", "funnel")),
        ("rfm", 1, ("rfm",)),
        ("loyalty", 1, ("cohorts",)),
    ):
        page = client.page(f"/insights/{path}")
        kinds = [tag for tag, given in page.tags if tag == "table" or (tag == "svg" and given.get("class", "").split()[0] in ("sankey", "funnel", "heat"))]  # fmt: skip
        assert kinds.count("svg") == drawn
        places = [place for place, tag in enumerate(kinds) if tag == "svg"]
        assert all(kinds[place + 1] == "table" for place in places), kinds
        for name in files:
            assert f"/insights/{name}.csv" in {given.get("href") for tag, given in page.tags if tag == "a"}
    segment = segments.create(name="Quiet", by="Ola", now=datetime.now(UTC))
    assert file(client, f"flows.csv?segment={segment.id}") == [["step", "from", "to", "journeys"]]


def test_scores_of_surveys_say_how_sure_they_are(visit_as: Any, computed: dict[str, int]):
    kept = figures.of("experience")
    assert kept is not None
    kept.document["now"] |= {"nps": 40.0, "nps_answers": 12, "nps_interval": [-3.2, 83.2]}
    figures.keep({("experience", figures.NEWEST): kept.document}, now=kept.computed_at)
    assert "of 12 answers, -3 … 83" in visit_as("sales").page("/insights").text


@pytest.mark.parametrize(("language", "words"), [("en", ("of 9 and 10", "of 0 to 6", "of 4 and 5", "from 1 to 7")), ("pl", ("9 i 10", "od 0 do 6", "4 i 5", "od 1 do 7"))])  # fmt: skip
def test_definitions_beside_the_scores_are_those_of_the_code(app: Any, language: str, words: tuple[str, ...]):
    """The words name the same bounds as `surveys.kinds`, which `surveys.scores` is tested to go by."""
    nps, csat, ces = (kinds.KINDS[kind] for kind in ("nps", "csat", "ces"))
    assert (nps, csat, ces) == (kinds.Kind(0, 10, 6, 9), kinds.Kind(1, 5, 2, 4), kinds.Kind(1, 7, 3, 6))
    with app.test_request_context(), force_locale(language):
        score, figure = insight_words.SCORES, insight_words.FIGURES
        for said in (score["nps"], figure["nps"].definition):
            assert words[0].removeprefix("of ") in str(said)
            assert words[1].removeprefix("of ") in str(said)
            assert "−100" in str(said)
        for said in (score["csat"], figure["csat"].definition):
            assert words[2].removeprefix("of ") in str(said)
        assert words[3] in str(score["ces"])


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
    assert "Days between purchases (median): 10; days since the last: 40." in page.text
    assert "Lapsed" in page.text
    assert "Orders: 4, days of purchase: 4, " in page.text
    assert "too few customers for a model" in page.text
    fragment = client.get(f"/customers/{computed['anna']}/prospects", headers={"HX-Request": "true"})
    assert "<html" not in fragment.get_data(as_text=True)
