"""A rep's work on the customer's page, the lists of tasks and deals, the home page, and the ringing telephone."""

from __future__ import annotations

from typing import Any

import pytest

from crm360.accounts.models import Staff
from crm360.identity import queries as identity
from crm360.kernel.db import db
from crm360.sales import queries
from crm360.sales.models import Deal, Mention, Task

FRAGMENT = {"HX-Request": "true"}


def rep() -> Staff:
    return db.session.query(Staff).filter_by(email="sales@example.com").one()


def test_a_task_goes_from_the_customer_to_the_home_page_and_is_done_and_undone(
    visit_as: Any, shop: dict[str, int]
) -> None:
    client, page = visit_as("sales"), f"/customers/{shop['anna']}/work"
    answer = client.submit(page, action="/tasks", title="Call back", due_on="2026-01-05", due_time="15:30")
    assert answer.status_code == 303
    task = db.session.query(Task).one()
    assert (task.owner_id, task.whole_day, task.due_at.isoformat()) == (rep().id, False, "2026-01-05T14:30:00+00:00")
    for path in ("/", "/tasks", "/tasks?whose=all", page):
        assert "Call back" in client.get(path).get_data(as_text=True)
    html = client.get("/tasks").get_data(as_text=True)
    assert "Late" in html
    client.submit("/tasks", action=f"/tasks/{task.id}/completion")
    assert "Call back" not in client.get("/").get_data(as_text=True)
    assert "Call back" in client.get("/tasks?show=done").get_data(as_text=True)
    client.submit("/tasks?show=done", action=f"/tasks/{task.id}/reopening")
    assert db.session.query(Task).one().done_at is None


def test_a_task_is_put_off_and_handed_over(visit_as: Any) -> None:
    client = visit_as("marketing")
    client.submit("/tasks", action="/tasks", title="Newsletter")
    task = db.session.query(Task).one()
    client.submit(f"/tasks/{task.id}", action=f"/tasks/{task.id}", due_on="2026-03-29", owner_id=str(rep().id))
    kept = db.session.query(Task).one()
    assert (kept.owner_id, kept.whole_day) == (rep().id, True)
    assert kept.due_at.isoformat() == "2026-03-29T21:59:59+00:00"  # the day on which clocks are put forward
    assert 'value="2026-03-29"' in client.get(f"/tasks/{task.id}").get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("tasks", {"title": ""}),
        ("tasks", {"title": "x", "due_on": "someday"}),
        ("deals", {"title": "x", "value": "much"}),
        ("deals", {"title": "x", "next_on": "2026-13-01"}),
        ("calls", {"direction": "sideways", "outcome": "reached"}),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(
    visit_as: Any, shop: dict[str, int], path: str, form: dict[str, str]
) -> None:
    client, page = visit_as("sales"), f"/customers/{shop['anna']}/work"
    token = client.page(page).form(action="/tasks").values["csrf_token"]
    answer = client.post(f"/customers/{shop['anna']}/{path}", data={"csrf_token": token} | form, headers=FRAGMENT)
    assert answer.status_code == 422
    assert db.session.query(Task).count() + db.session.query(Deal).count() == 0


def test_the_telephone_finds_the_caller_and_the_call_is_logged(visit_as: Any, shop: dict[str, int]) -> None:
    client = visit_as("sales")
    phone = next(each.value for each in identity.identifiers_of(shop["anna"]) if each.kind == "phone")
    found = client.get("/call", query_string={"phone": phone})
    assert found.status_code == 302
    assert found.headers["Location"].startswith(f"/customers/{shop['anna']}?call=in")
    client.submit(
        f"/customers/{shop['anna']}/work?call=in", action="/calls", body="Wants it in blue", outcome="reached"
    )
    html = client.get(f"/customers/{shop['anna']}?show=note").get_data(as_text=True)
    assert "Customer called" in html
    assert "Wants it in blue" in html
    for unknown in ("+48 22 111 11 11", "withheld", ""):
        assert client.get("/call", query_string={"phone": unknown}).status_code == 200
    assert "/customers/new?q=" in client.get("/call?phone=%2B48221111111").get_data(as_text=True)


def test_a_deal_goes_over_the_board(visit_as: Any, shop: dict[str, int]) -> None:
    client, page = visit_as("sales"), f"/customers/{shop['anna']}/work"
    client.submit(
        page, action="/deals", title="Kitchen", value="12 500,50", next_step="Send offer", next_on="2026-01-09"
    )
    deal = db.session.query(Deal).one()
    assert (deal.value_minor, deal.currency, deal.stage) == (1_250_050, "PLN", "new")
    client.submit("/deals", action=f"/deals/{deal.id}/moves", stage="talking")
    client.submit(f"/deals/{deal.id}", form_id="", action=f"/deals/{deal.id}/moves", stage="won")
    html = client.get("/deals").get_data(as_text=True)
    assert "PLN 12,501" in html or "12,500" in html
    assert [move.stage for move in queries.moves_of(deal.id)] == ["new", "talking", "won"]
    assert "Deal won" in client.get(f"/customers/{shop['anna']}?show=note").get_data(as_text=True)


def test_a_customer_has_an_owner(visit_as: Any, shop: dict[str, int]) -> None:
    client, page = visit_as("sales"), f"/customers/{shop['anna']}/work"
    client.submit(page, action="/owner", owner_id=str(rep().id))
    assert "Customer of Marta Zając" in client.get(page).get_data(as_text=True)


def test_whoever_is_named_in_a_note_is_asked_on_their_home_page(visit_as: Any, shop: dict[str, int]) -> None:
    client = visit_as("sales")
    client.submit(f"/customers/{shop['anna']}/more", action="/notes", body="@Marta Zając, is this the same order?")
    mention = db.session.query(Mention).one()
    assert "is this the same order?" in client.get("/").get_data(as_text=True)
    client.submit("/", action=f"/mentions/{mention.id}/seen")
    assert "is this the same order?" not in client.get("/").get_data(as_text=True)


def test_a_privacy_officer_reads_and_changes_nothing(visit_as: Any, shop: dict[str, int]) -> None:
    client = visit_as("privacy")
    assert 'action="/tasks"' not in client.get("/tasks").get_data(as_text=True)
    token = client.page("/").form(action="/sign-out").values["csrf_token"]
    assert client.post("/tasks", data={"csrf_token": token, "title": "x"}).status_code == 403
