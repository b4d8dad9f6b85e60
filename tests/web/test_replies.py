"""From the task of an unhappy customer to a letter that leaves, to the timeline, and to the loop's time to the reply."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm360.accounts.models import Staff
from crm360.consents import stopping
from crm360.facts import ContactRef, ReviewWritten
from crm360.flows import answering_surveys, closed_loop
from crm360.identity import queries as identity
from crm360.jobs import posting
from crm360.kernel import clock, smtp
from crm360.kernel.db import db
from crm360.outbox.models import Letter, Permit
from crm360.profiles.models import TimelineEntry
from crm360.reviews.models import Review
from crm360.sales.models import Task
from crm360.surveys import operations
from crm360.surveys.models import Survey
from crm360.surveys.operations import Said, Wording
from tests.web import scene

SENDER = posting.Sender("shop@lipowa.example", "Lipowa", lambda message: message)


@pytest.fixture
def task(shop: dict[str, int]) -> int:
    """Anna answered 3, and it became a task of the rep."""
    now, owner = clock.now(), db.session.query(Staff).filter_by(email="sales@example.com").one()
    wording = Wording(name="After delivery", kind="nps", question_en="Would you?", question_pl="Polecisz?", owner_id=owner.id, again_days=0)  # fmt: skip
    survey = operations.create(wording=wording, now=now - timedelta(days=1))
    contact = identity.contacts_of(shop["anna"])[0].id
    said = Said(score=3, channel="email", answered_at=now - timedelta(hours=5), contact_id=contact, body="Lid broken")
    answering_surveys.receive(survey_id=survey.id, said=said, now=now - timedelta(hours=5))
    return db.session.query(Task).one().id


def send(outcome: str = "sent") -> None:
    """What the worker does with letters that are due."""

    def carry(*, sender: str, recipient: str, message: bytes) -> smtp.Outcome:
        return smtp.Outcome(outcome, 250 if outcome == "sent" else 550, "so it is")  # type: ignore[arg-type]

    posting.send_due(carry=carry, sender=SENDER, clock=clock.now)


def test_one_press_from_the_task_to_a_letter_in_her_language(visit_as: Any, shop: dict[str, int], task: int) -> None:
    client, path = visit_as("sales"), f"/tasks/{task}/reply"
    survey = db.session.query(Survey).one().id
    for where in (f"/tasks/{task}", "/tasks", f"/customers/{shop['anna']}/work", f"/surveys/{survey}"):
        assert f'href="{path}"' in client.page(where).html, where
    html = client.page(path).html
    for words in ("Dzień dobry, Anno,", "3 z 10", "&gt; Lid broken", "Marta Zając", "anna.kowalska@example.com"):
        assert words in html
    assert "Good morning Anna," in client.page(f"{path}?language=en").html
    form = client.page(path).form(action=path).values | {"subject": "Nowa pokrywka", "text": "Jutro wyślemy nową."}
    for _ in range(2):  # pressed twice
        assert client.post(path, data=form).status_code == 303
    letter = db.session.scalars(select(Letter)).one()
    assert (letter.purpose, letter.to_address, letter.sender_name) == ("service", "anna.kowalska@example.com", "Marta Zając, crm360")  # fmt: skip
    assert db.session.get(Task, task).done_by == "Marta Zając"
    assert lines(shop["anna"]) == []  # nothing left yet
    send()
    assert db.session.scalars(select(Permit.permitted).where(Permit.letter_id == letter.id)).one() is True
    assert lines(shop["anna"]) == [("Nowa pokrywka", "Jutro wyślemy nową.", "Marta Zając, crm360")]
    loop = closed_loop.measured(now=clock.now())
    assert (loop.closed, loop.replied) == (1, 1)
    assert loop.reply_median is not None
    assert timedelta(hours=5) <= loop.reply_median < timedelta(hours=5, minutes=5)
    assert "5\N{NO-BREAK SPACE}h" in client.page("/surveys").text
    assert "Nowa pokrywka" in client.page(f"/tasks/{task}").text
    assert "Jutro wyślemy" in client.page(f"/customers/{shop['anna']}").text


def lines(profile_id: int) -> list[tuple[str, str, str]]:
    contacts = [each.id for each in identity.contacts_of(profile_id)]
    query = select(TimelineEntry).where(
        TimelineEntry.contact_id.in_(contacts), TimelineEntry.subject.startswith("reply")
    )
    return [(each.title, each.properties["snippet"], each.properties["by"]) for each in db.session.scalars(query)]


def test_a_letter_nobody_got_opens_the_task_again(visit_as: Any, shop: dict[str, int], task: int) -> None:
    client, path = visit_as("sales"), f"/tasks/{task}/reply"
    assert client.submit(path, action=path, text="Przepraszamy.", subject="x").status_code == 303
    send("refused")
    assert db.session.get(Task, task).done_at is None
    assert lines(shop["anna"]) == []
    assert "could not leave" in client.page(f"/tasks/{task}").text
    assert client.submit(path, action=path, text="Jeszcze raz.", subject="x").status_code == 303
    send()
    assert [line[1] for line in lines(shop["anna"])] == ["Jeszcze raz."]
    assert closed_loop.measured(now=clock.now()).replied == 1


def test_a_letter_whose_sender_died_may_have_been_read(visit_as: Any, shop: dict[str, int], task: int) -> None:
    client, path = visit_as("sales"), f"/tasks/{task}/reply"
    client.submit(path, action=path, text="Przepraszamy.", subject="x")
    letter = db.session.scalars(select(Letter)).one()
    letter.state, letter.claimed_until = "speaking", clock.now() - timedelta(hours=1)
    send()
    assert [line[1] for line in lines(shop["anna"])] == ["Przepraszamy."]
    assert db.session.get(Task, task).done_at is not None
    assert closed_loop.measured(now=clock.now()).replied == 0
    assert "may have been sent" in client.page(f"/tasks/{task}").text


def test_what_cannot_be_sent_is_said_in_words(visit_as: Any, shop: dict[str, int], task: int) -> None:
    client, path = visit_as("sales"), f"/tasks/{task}/reply"
    refused = client.submit(path, action=path, subject=" ", text=" ")
    assert refused.status_code == 422
    assert "Write what the customer is answered." in refused.get_data(as_text=True)
    assert client.get("/tasks/99/reply").status_code == 404
    hers = f"/customers/{shop['anna']}"
    assert client.submit(f"{hers}/work", action=f"{hers}/tasks", title="Sweep").status_code == 303
    mine = db.session.query(Task).filter_by(title="Sweep").one()
    assert client.get(f"/tasks/{mine.id}/reply").status_code == 404
    contacts = [contact.id for contact in identity.contacts_of(shop["anna"])]
    stopping.place(
        contact_ids=contacts, kind="restriction", since=clock.now(), ground="asked", by="Jan", now=clock.now()
    )
    assert client.get(path).status_code == 403
    assert db.session.scalars(select(Letter)).all() == []


def test_a_bad_review_is_answered_by_letter_and_kept_with_it(visit_as: Any) -> None:
    client = visit_as("marketing")
    now = clock.now()
    written = ReviewWritten(ref=ContactRef(scene.SHOP, "8812"), source=scene.SHOP, external_id="r1", occurred_at=now, updated_at=now, rating=2, body="Pękł", product="Kubek")  # fmt: skip
    scene.tell([written], now)
    task = db.session.query(Task).one()
    path = f"/tasks/{task.id}/reply"
    review_page = f"/product-reviews/{db.session.query(Review).one().id}"
    assert f'href="{path}"' in client.page(review_page).html
    html = client.page(path).html
    assert "2 z 5" in html
    assert "anna.kowalska@example.com" not in html  # a marketer sees addresses masked
    assert client.submit(path, action=path, subject="Kubek", text="Wymienimy go.").status_code == 303
    kept = db.session.query(Review).one()
    assert (kept.handled, kept.answer) == ("answered", "Wymienimy go.")
    assert db.session.get(Task, task.id).done_by == "Ola Nowak"
