"""The pages of the team: figures of oneself and of whom one leads, and the question to colleagues."""

from __future__ import annotations

from typing import Any

from crm360.accounts import queries, teams
from crm360.kernel import clock
from crm360.kernel.db import db
from tests.web.conftest import hire


def test_a_rep_sees_their_own_figures_alone_and_a_lead_those_of_theirs(visit_as: Any) -> None:
    hire("privacy")
    client = visit_as("marketing")
    page = client.get("/team").get_data(as_text=True)
    assert "Ola Nowak" in page
    assert "Jan Maj" not in page
    lead, led = (queries.find_staff_by_email(f"{role}@example.com") for role in ("marketing", "privacy"))
    assert lead is not None
    assert led is not None
    teams.place(staff_id=led.id, lead_id=lead.id, agent_name="", by="Ewa", now=clock.now())
    db.session.commit()
    assert "Jan Maj" in client.get("/team").get_data(as_text=True)


def test_the_administrator_places_colleagues_and_asks_them(visit_as: Any) -> None:
    client = visit_as("admin")
    rep = queries.find_staff_by_email("sales@example.com")
    assert rep is not None
    client.submit("/admin/staff", action=f"/team/places/{rep.id}", agent_name="Marta Z")
    assert teams.places()[rep.id].agent_name == "Marta Z"
    assert client.submit("/team/pulse", action="/team/pulse", question_en="", question_pl="").status_code == 422
    client.submit("/team/pulse", action="/team/pulse", question_en="How is work?", question_pl="Jak praca?")
    page = client.page("/team/pulse").html
    assert "How is work?" in page
    assert "too few to tell" in page
    action = page.split('action="/team/pulse/')[1].split("/answer")[0]
    client.submit("/team/pulse", action=f"/team/pulse/{action}/answer", score="7", body="Fine")
    page = client.page("/team/pulse").html
    assert "You answered." in page
    assert "Fine" not in page
    client.submit("/team/pulse", action=f"/team/pulse/{action}/closing")
    assert "closed" in client.page("/team/pulse").html
