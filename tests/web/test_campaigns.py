"""The marketer's pages: templates with previews, a campaign from its plan to its results, the names behind each number."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm360.flows import campaigns
from crm360.kernel import clock
from crm360.outbox.models import Letter
from crm360.outreach import queries
from crm360.outreach.models import Campaign, Template
from tests.outreach import crowd

VisitAs = Callable[[str], Any]
MESSAGE = {
    "name": "Coffee", "pl.subject": "Nowa kawa{% if person.vocative %}, {{ person.vocative }}{% endif %}",
    "pl.html": "<p>Kawa <a href='https://shop.example/kawa'>tu</a></p><script>alert(1)</script>", "en.subject": "Coffee", "en.html": "<p>Here</p>",
}  # fmt: skip


@pytest.fixture
def ola(visit_as: VisitAs) -> Any:
    return visit_as("marketing")


def written(client: Any, session: Any) -> int:
    answer = client.submit("/templates/new", action="/templates/new", **MESSAGE)
    assert answer.status_code == 303
    return int(session.scalar(select(Template.id)))


def planned(client: Any, session: Any, shop: dict[str, int], **said: Any) -> int:
    template = written(client, session)
    numbers = " ".join(str(each) for each in shop.values())
    answer = client.submit(
        "/campaigns/new", action="/campaigns/new", name="Coffee days", audience="profiles", profiles=numbers,
        template=str(template), **said,
    )  # fmt: skip
    assert answer.status_code == 303, answer.get_data(as_text=True)[:2000]
    return int(session.scalar(select(Campaign.id).order_by(Campaign.id.desc())))


def test_a_template_is_kept_and_shown_as_real_people_get_it(ola: Any, session: Any, shop: dict[str, int]) -> None:
    template = written(ola, session)
    page = ola.page(f"/templates/{template}?person={shop['anna']}").html
    assert "Nowa kawa, Anno" in page
    shown = ola.get(f"/templates/{template}/preview/{shop['anna']}?in=pl")
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert "<script" not in shown.get_data(as_text=True)
    assert "Kawa" in shown.get_data(as_text=True)


@pytest.mark.parametrize(
    ("part", "said", "words"),
    [("pl.html", "{{ person.city }}", "give it a default"), ("en.subject", "{{ shoe }}", "Nobody has such a value"),
     ("pl.subject", "{% if", "not written as Liquid")],
)  # fmt: skip
def test_what_could_not_speak_to_everybody_is_shown_with_its_place(
    ola: Any, session: Any, part: str, said: str, words: str
) -> None:
    answer = ola.submit("/templates/new", action="/templates/new", **{**MESSAGE, part: said})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert session.scalar(select(Template.id)) is None


def test_a_campaign_from_plan_to_results(ola: Any, session: Any, shop: dict[str, int]) -> None:
    number = planned(ola, session, shop)
    page = ola.page(f"/campaigns/{number}").html
    assert "Who is reached" in page
    [reached] = re.findall(r"step=reachable\"><strong>(\d+)", page)
    names = ola.page(f"/campaigns/{number}/people?step=reachable").html
    assert "Anna Kowalska" in names
    assert f"Send to {reached} customer" in ola.page(f"/campaigns/{number}/launch").html
    ola.submit(f"/campaigns/{number}", action=f"/campaigns/{number}/tests")
    tests = session.scalars(select(Letter.subject).where(Letter.subject_of == f"campaign-test:{number}")).all()
    assert {each.split("]")[0] for each in tests} == {"[TEST A pl", "[TEST A en"}
    answer = ola.submit(f"/campaigns/{number}/launch", action=f"/campaigns/{number}/launch")
    assert answer.status_code == 303
    wire = crowd.Wire()
    session.commit()
    crowd.work(wire, clock.now())
    assert wire.carried.count("anna.kowalska@example.com") == 1
    page = ola.page(f"/campaigns/{number}").html
    assert "finished" in page
    assert "Judged again" in page
    assert "consent" in ola.page(f"/campaigns/{number}/people?state=sent").html
    fragment = ola.get(f"/campaigns/{number}", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert fragment.lstrip().startswith('<div id="progress"')


def test_a_test_goes_to_colleagues_only_and_a_campaign_asks_for_consent(
    ola: Any, session: Any, shop: dict[str, int]
) -> None:
    number = planned(ola, session, shop)
    answer = ola.submit(f"/campaigns/{number}", action=f"/campaigns/{number}/tests", to="stranger@example.com")
    assert answer.status_code == 422
    assert session.scalar(select(Letter.id)) is None
    plan = {
        "name": "All",
        "audience": "everybody",
        "purpose": "service",
        "template": str(session.scalar(select(Template.id))),
    }
    answer = ola.submit("/campaigns/new", action="/campaigns/new", **plan)
    assert answer.status_code == 422
    assert "needs no consent" in answer.get_data(as_text=True)


def test_pause_resume_cancel_and_schedule(ola: Any, session: Any, shop: dict[str, int]) -> None:
    number = planned(ola, session, shop, control_percent="10")
    later = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT10:00")
    ola.submit(f"/campaigns/{number}/launch", action=f"/campaigns/{number}/launch", at=later)
    assert queries.get_campaign(number).state == "scheduled"
    ola.submit(f"/campaigns/{number}", action=f"/campaigns/{number}/unscheduling")
    campaigns.launch(campaign_id=number, house=crowd.HOUSE, by="ola", now=clock.now())
    session.commit()
    for act, state in (("pause", "paused"), ("resumption", "running"), ("cancellation", "cancelled")):
        ola.submit(f"/campaigns/{number}", action=f"/campaigns/{number}/{act}")
        session.expire_all()
        assert queries.get_campaign(number).state == state
    assert "Coffee days" in ola.page("/campaigns").html
    assert "Coffee" in ola.page("/templates").html


def test_blocks_and_names(ola: Any, session: Any) -> None:
    ola.submit(
        "/templates/pieces", action="/templates/pieces/blocks", code="foot", **{"pl.html": "<b>{{ shop.name }}</b>"}
    )
    ola.submit("/templates/pieces", action="/templates/pieces/names", name="James", vocative="Jamesie")
    page = ola.page("/templates/pieces?name=James&block=foot").html
    assert "Jamesie" in page
    assert "render 'foot'" in page
    answer = ola.submit("/templates/pieces", action="/templates/pieces/blocks", code="foot", **{"pl.html": "{{ x }}"})
    assert answer.status_code == 422


def test_sales_see_no_campaigns(visit_as: VisitAs) -> None:
    client = visit_as("sales")
    assert client.get("/campaigns").status_code == 403
