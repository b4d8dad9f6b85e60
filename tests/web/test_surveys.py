"""The pages of surveys: made, switched on, read, and refused to those who may not."""

from __future__ import annotations

import re
from typing import Any

from crm360.flows import answering_surveys
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.surveys.models import Survey
from crm360.surveys.operations import Said


def test_a_survey_is_made_switched_on_and_read(visit_as: Any, shop: dict[str, int]) -> None:
    client = visit_as("marketing")
    refused = client.submit("/surveys/new", action="/surveys/new", name="", kind="nps")
    assert refused.status_code == 422
    assert "A survey needs a name." in refused.get_data(as_text=True)
    made = client.submit(
        "/surveys/new", action="/surveys/new", name="Recommend", kind="nps", trigger="order", delay_hours="48"
    )
    assert made.status_code == 303
    survey = db.session.query(Survey).one()
    path = f"/surveys/{survey.id}"
    client.submit(path, action=f"{path}/activation")
    assert db.session.query(Survey).one().active_since is not None
    contact = identity.contacts_of(shop["anna"])[0].id
    for score, of, body in ((3, contact, "Broken lid"), (10, None, ""), (9, None, "")):
        said = Said(score=score, channel="link", answered_at=clock.now(), contact_id=of, body=body, store="Kraków")
        answering_surveys.receive(survey_id=survey.id, said=said, now=clock.now())
    text = client.page(path).text
    for words in ("+33", "Broken lid", "anonymous", "Store: Kraków", "Share of 9 and 10"):
        assert words in text
    parts_are_shown_and_open_their_customers(client, path, shop["anna"])
    assert "Broken lid" in client.get(f"{path}?bad=1").get_data(as_text=True)
    assert "+33" in client.get("/surveys").get_data(as_text=True)
    assert client.get(f"{path}/qr.svg?store=Gda%C5%84sk").mimetype == "image/svg+xml"
    assert "Recommend: 3/10" in client.get(f"/customers/{shop['anna']}").get_data(as_text=True)
    client.submit(f"{path}/edit", action=f"{path}/edit", name="Recommend us")
    client.submit(path, action=f"{path}/deactivation")
    changed = db.session.query(Survey).one()
    assert (changed.name, changed.active_since, changed.delay_hours) == ("Recommend us", None, 48)


def test_a_rep_reads_surveys_and_changes_none(visit_as: Any) -> None:
    client = visit_as("sales")
    assert "/surveys/new" not in client.get("/surveys").get_data(as_text=True)
    assert client.get("/surveys/new").status_code == 403


def parts_are_shown_and_open_their_customers(client: Any, path: str, anna: int) -> None:
    page = client.page(f"{path}/parts")
    for words in (
        "How this number comes about",
        "Answers of 9 and 10: 2, of 0 to 6: 1, in all: 3; 100 × (2 − 1) / 3 = +33.",
        "Segment",
        "Product",
        "Kraków",
    ):
        assert words in page.text
    links = {given.get("href", "") for tag, given in page.tags if tag == "a"}
    survey = f"/insights/customers?survey={path.rpartition('/')[2]}"
    link = f"{survey}&part=channel&key=link"
    assert link in links
    assert f"/customers/{anna}" in {given.get("href") for tag, given in client.page(link).tags if tag == "a"}
    assert client.page(f"{survey}&part=score&key=3").title.startswith("Recommend: Answer 3")
    for wrong in (
        f"{survey}&part=agent&key=Somebody",
        f"{survey}&part=mood&key=1",
        "/insights/customers?survey=x&part=score&key=3",
    ):
        assert client.get(wrong).status_code == 404
    file = client.get(f"{path}/parts?form=csv").get_data(as_text=True)
    assert re.search(r"store,Kraków,33.33,-[0-9.]+,[0-9.]+,3\r", file)
    assert "part,name,score,low,high,answers" in file
