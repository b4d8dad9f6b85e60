"""The head of a customer's page and the step beneath it: taken on, set aside, brought back, gone with the customer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from crm360.accounts.models import AuditEntry
from crm360.facts import ContactRef, MessageExchanged
from crm360.flows import review
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.outreach import writing
from crm360.sales import queries as sales
from crm360.sales import suggesting
from crm360.sales.models import Suggestion
from tests.web import scene


def step_of(client: Any, profile_id: int) -> str:
    """The text of the step on a customer's page."""
    return str(client.page(f"/customers/{profile_id}").text.partition("Next step")[2].partition("Timeline")[0])


def answer(client: Any, profile_id: int, said: str, why: str = "") -> None:
    page = client.page(f"/customers/{profile_id}")
    subject = next(given["value"] for _, given in page.tags if given.get("name") == "subject")
    client.submit(f"/customers/{profile_id}", action=f"/customers/{profile_id}/next-step", answer=said, why=why, subject=subject)  # fmt: skip


def posted(client: Any, profile_id: int, address: str, **values: str) -> Any:
    """What is sent without the page offering it."""
    token = next(form.values["csrf_token"] for form in client.page(f"/customers/{profile_id}").forms if "csrf_token" in form.values)  # fmt: skip
    return client.post(address, data={"csrf_token": token, **values})


def test_a_step_set_aside_stays_so_with_who_and_why_until_it_is_brought_back(visit_as: Any, shop: Any) -> None:
    client, anna = visit_as("sales"), shop["anna"]
    assert "Offer help with the cart: Wool blanket, moss" in step_of(client, anna)
    answer(client, anna, "dismissed", "  bought it in  the store ")
    text = client.page(f"/customers/{anna}").text
    assert "1 suggestion answered" in text
    assert "dismissed, Marta Zając" in text
    assert "bought it in the store" in text
    assert "Make it my task" not in text.partition("1 suggestion answered")[0].partition("Offer help with the cart")[2]
    number = db.session.scalars(select(Suggestion.id)).one()
    client.submit(f"/customers/{anna}", action=f"/customers/{anna}/next-step/{number}/withdrawal")
    assert "Offer help with the cart: Wool blanket, moss" in step_of(client, anna)
    kept = db.session.scalars(select(Suggestion)).one()
    assert (kept.withdrawn_by, kept.why) == ("Marta Zając", "bought it in the store")
    said = db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("suggestion."))).all()
    assert said == ["suggestion.dismissed", "suggestion.withdrawn"]
    again = posted(client, anna, f"/customers/{anna}/next-step/{number}/withdrawal")
    assert again.status_code == 404


def test_a_step_taken_on_is_a_task_and_not_suggested_again(visit_as: Any, shop: Any) -> None:
    client, anna = visit_as("sales"), shop["anna"]
    answer(client, anna, "taken")
    assert [each.task.title for each in sales.tasks_of(anna)] == ["Offer help with the cart: Wool blanket, moss"]
    assert "made a task, Marta Zając" in client.page(f"/customers/{anna}").text
    stale = posted(client, anna, f"/customers/{anna}/next-step", subject="cart:999:2020-01-01", answer="taken")
    assert stale.status_code == 409
    assert len(sales.tasks_of(anna)) == 1


def test_an_answer_goes_back_to_whom_it_was_about_when_a_merge_is_undone(visit_as: Any, shop: Any) -> None:
    anna, other, now = shop["anna"], shop["anna_again"], datetime.now(UTC)
    suggesting.answer(profile_id=other, rule="ask", subject="ask:email", about="", answer="dismissed", by="Marta", now=now)  # fmt: skip
    decision = review.merge(profile_ids=[anna, other], by="Marta", now=now)
    live = db.session.query(Contact).filter_by(external_id="8812").one().profile_id
    assert [each.subject for each in suggesting.answered(live)] == ["ask:email"]
    review.undo(decision_id=decision.decision_id, by="Marta", now=now)
    left = {each.external_id: each.profile_id for each in db.session.query(Contact)}
    assert suggesting.answered(left["8812"]) == []
    assert [each.subject for each in suggesting.answered(left["2900001778199"])] == ["ask:email"]


def test_who_waits_for_an_answer_is_offered_nothing(visit_as: Any, shop: Any) -> None:
    now = datetime.now(UTC)
    asked = MessageExchanged(
        ref=ContactRef(scene.CHAT, "311"), source=scene.CHAT, channel="chat", conversation_id="78", message_id="78-0", direction="in",
        occurred_at=now, body="Where is my parcel?",
    )  # fmt: skip
    scene.tell([asked], now)
    client = visit_as("sales")
    page = client.page(f"/customers/{shop['anna']}")
    assert "A message waits for an answer" in page.text
    assert "Offer help with the cart" not in page.text
    assert "A message waits for an answer" in client.page("/customers?q=kowalska").html
    assert "A message waits for an answer" in client.page("/customers?city=krakow").html
    assert "A message waits for an answer" in client.page("/customers/suggestions?q=kowalska").html


@pytest.mark.parametrize(("said", "seen"), [("", "Pani Anno"), ("Anusiu", "Pani Anusiu")])
def test_the_head_says_how_a_polish_customer_is_spoken_to(visit_as: Any, shop: Any, said: str, seen: str) -> None:
    if said:
        writing.speak_to(name="Anna", vocative=said, by="Marta", now=datetime.now(UTC))
        db.session.commit()
    assert seen in visit_as("sales").page(f"/customers/{shop['anna']}").text
