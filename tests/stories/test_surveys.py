"""A question goes out after an event, is answered by its link, an unhappy customer is looked after and asked again.

Through the real doors: events as a site sends them, the worker's job, the letter as it would be sent, the public page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm360.accounts import operations as accounts
from crm360.consents import operations as consents
from crm360.facts import ActivityNoted, ConsentStated, ContactRef, ContactSeen, Identifier, OrderPlaced, Received
from crm360.flows import answering_surveys, asking_surveys, closed_loop, receive, scored
from crm360.identity import operations as identity
from crm360.identity.models import Contact
from crm360.jobs import ask_surveys
from crm360.kernel import clock
from crm360.outbox.models import Letter
from crm360.sales import operations as sales
from crm360.sales.models import Task
from crm360.segments.models import Change, Segment
from crm360.surveys import operations, queries
from crm360.surveys.models import Answer, Invitation, Survey
from crm360.surveys.operations import Wording

REF = ContactRef("web", "user:u1")
DELIVERED = "custom.order_delivered"
DAY = timedelta(days=1)


@pytest.fixture
def owner(session: Any) -> int:
    made = accounts.create_staff(
        email="ola@shop.example", name="Ola", role="marketing", password="correct horse", now=clock.now()
    )
    return made.id


@pytest.fixture
def anna(session: Any) -> int:
    """A customer who agreed to be asked; her contact's id."""
    now = clock.now() - 10 * DAY
    seen = ContactSeen(
        ref=REF, occurred_at=now, fields={"full_name": "Anna Nowak", "locale": "pl-PL"},
        identifiers=(Identifier("email", "anna@example.com"),),
    )  # fmt: skip
    recorded = identity.record_contacts(seen=[seen], now=now)
    touched = identity.resolve(contact_ids=recorded.changed, before=recorded.before, now=now)
    receive.refresh.profiles(touched, changed_contacts=recorded.changed, now=now)
    state(recorded.ids[REF], "given")
    return recorded.ids[REF]


def state(contact_id: int, word: Any) -> None:
    stated = ConsentStated(
        ref=REF, identifier=Identifier("email", "anna@example.com"), purpose="surveys", channel="email", state=word,
        occurred_at=clock.now() - DAY, source="shop", evidence_grade="B",
    )  # fmt: skip
    consents.record_statements(received=[Received(contact_id, None, stated)], now=clock.now())


@pytest.fixture
def survey(session: Any, owner: int) -> Survey:
    """Asks how likely a recommendation is, as soon as an order was delivered."""
    wording = Wording(
        name="After delivery", kind="nps", question_en="Would you recommend us?", question_pl="Czy polecisz nas?",
        owner_id=owner, trigger="event", event_kind=DELIVERED, cooldown_days=60, again_days=5,
    )  # fmt: skip
    made = operations.create(wording=wording, now=clock.now())
    asking_surveys.activate(survey_id=made.id, now=clock.now())
    return made


def happen(contact_id: int, kind: str = DELIVERED, at: datetime | None = None, **said: Any) -> None:
    fact = ActivityNoted(
        ref=REF, kind=kind, occurred_at=at or clock.now(), properties=said, activity_id=said.get("id", "")
    )
    receive.note_activities(received=[Received(contact_id, None, fact)], now=clock.now())


def work(app: Any, now: datetime | None = None) -> int:
    return ask_surveys.run(limits=app.config["SETTINGS"], now=now or clock.now())


def links(session: Any) -> tuple[str, str]:
    """(the question's, the end's) path, as the newest letter's plain text says them."""
    text = session.scalars(select(Letter.text).order_by(Letter.id.desc())).first()
    found = [re.search(rf"(/{word}/[^\s?]+)", text) for word in ("survey", "unsubscribe")]
    return tuple(each[1] for each in found if each)  # type: ignore[return-value]


def test_from_delivery_over_a_three_to_a_nine(
    app: Any, session: Any, client: Any, anna: int, owner: int, survey: Survey
) -> None:
    happen(anna, kind="custom.order-delivered")  # as tracking spells it
    assert work(app) == 2  # planned, put
    letter = session.scalars(select(Letter)).one()
    assert (letter.to_address, letter.purpose, letter.contact_id) == ("anna@example.com", "surveys", anna)
    assert "Czy polecisz nas?" in letter.text  # her language
    assert letter.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "score=10" in letter.html
    question, _ = links(session)
    for value in range(50):  # mail scanners follow every link
        assert client.get(f"{question}?score={value % 11}&lang=en").status_code == 200
        assert client.head(f"{question}?score={value % 11}").status_code == 200
    assert session.scalars(select(Answer)).all() == []
    assert 'value="3" required checked' in client.get(f"{question}?score=3").get_data(as_text=True)
    thanks = client.post(f"{question}?lang=en", data={"score": "3", "body": "Came late"})
    assert "Thank you" in thanks.get_data(as_text=True)
    for language, words in (("en", "This question was answered already"), ("pl", "Na to pytanie już odpowiedziano")):
        for forwarded in (client.get(f"{question}?lang={language}"), client.post(f"{question}?lang={language}", data={"score": "10"})):  # fmt: skip
            assert forwarded.status_code == 200
            assert words in forwarded.get_data(as_text=True)
    (answer,) = session.scalars(select(Answer))
    assert (answer.score, answer.body, answer.contact_id) == (3, "Came late", anna)
    task = session.scalars(select(Task)).one()
    assert (task.owner_id, task.title, task.contact_id) == (owner, "After delivery: 3/10", anna)
    assert list(queries.unhappy_profiles(clock.now()).values()) == [answer.id]
    sales.finish_task(task_id=task.id, by="Ola", now=clock.now() - 6 * DAY)
    session.scalars(select(Invitation)).one().asked_at = clock.now() - 61 * DAY  # the pause is over
    assert work(app) == 2
    question, _ = links(session)
    client.post(question, data={"score": "9"})
    assert queries.unhappy_profiles(clock.now()) == {}
    found = queries.score_of(queries.get(survey.id))
    assert found is not None
    assert (found.value, found.answers) == (0, 2)
    loop = closed_loop.measured(now=clock.now())
    assert (loop.open, loop.closed, loop.in_time) == (0, 1, 1)
    assert (loop.asked_again, loop.answered_again, loop.happier) == (1, 1, 1)


def test_nobody_is_asked_twice_nor_too_soon_nor_against_their_will(
    app: Any, session: Any, anna: int, survey: Survey
) -> None:
    happen(anna)
    happen(anna)
    work(app)
    work(app)
    states = session.execute(select(Invitation.state, Invitation.reason).order_by(Invitation.id)).all()
    assert [tuple(row) for row in states] == [("asked", ""), ("skipped", "cooldown")]
    state(anna, "withdrawn")
    happen(anna, at=clock.now())
    session.scalars(select(Invitation).where(Invitation.state == "asked")).one().asked_at = clock.now() - 61 * DAY
    work(app)
    assert session.scalars(select(Invitation.reason).order_by(Invitation.id.desc())).first() == "withdrawn"
    assert len(session.scalars(select(Letter)).all()) == 1


def test_what_happened_before_it_was_switched_on_is_left_alone(
    app: Any, session: Any, anna: int, survey: Survey
) -> None:
    happen(anna, at=clock.now() - DAY)
    happen(anna, kind="custom.other")
    assert work(app) == 0
    operations.deactivate(survey_id=survey.id, now=clock.now())
    happen(anna)
    assert work(app) == 0


def test_a_link_runs_out_politely_and_a_forged_one_opens_nothing(
    app: Any, session: Any, client: Any, anna: int, survey: Survey
) -> None:
    happen(anna)
    work(app)
    question, stop = links(session)
    session.scalars(select(Invitation)).one().expires_at = clock.now() - DAY
    for language, words in (("en", "This question has closed"), ("pl", "To pytanie jest już zamknięte")):
        for late in (client.get(f"{question}?lang={language}&score=9"), client.post(f"{question}?lang={language}", data={"score": "9"})):  # fmt: skip
            assert late.status_code == 410
            assert words in late.get_data(as_text=True)
    assert session.scalars(select(Answer)).all() == []
    assert client.get(question[:-2] + "xx").status_code == 404
    client.post(stop, data={"List-Unsubscribe": "One-Click"})
    happen(anna)
    session.scalars(select(Invitation)).one().asked_at = None
    work(app)
    assert session.scalars(select(Invitation.reason).order_by(Invitation.id.desc())).first() == "withdrawn"


def test_anybody_answers_at_the_counter_and_stays_unknown(app: Any, session: Any, client: Any, survey: Survey) -> None:
    path = f"/ask/{survey.code}?via=qr&store=Krak%C3%B3w&lang=en"
    assert client.get(path).status_code == 200
    assert client.post(path, data={"score": "11"}).status_code == 422
    client.post(path, data={"score": "2", "website": "http://spam"})
    client.post(path, data={"score": "2", "body": "Queue"})
    (answer,) = session.scalars(select(Answer))
    assert (answer.contact_id, answer.channel, answer.store, answer.score) == (None, "qr", "Kraków", 2)
    assert session.scalars(select(Task)).all() == []  # nobody knows whom to call
    (part,) = scored.by(survey, "store", zone=UTC)
    assert (part.name, part.score.answers) == ("Kraków", 1)


@pytest.mark.parametrize("again", [1, 2])
def test_answers_of_other_systems_count_once(
    app: Any, session: Any, anna: int, owner: int, survey: Survey, again: int
) -> None:
    csat = Wording(name="Chat", kind="csat", question_en="Happy?", question_pl="Dobrze?", owner_id=owner)
    operations.create(wording=csat, now=clock.now())
    for _ in range(again):
        happen(anna, kind="conversation.rated", id="m1", rating=1, feedback="Rude", agent="Kinga", thread="t9")
        happen(anna, kind="custom.survey_answered", id="e1", survey=survey.code, score=10)
        happen(anna, kind="custom.survey_answered", id="e2", survey="unknown", score=10)
        happen(anna, kind="custom.survey_answered", id="e3", survey=survey.code, score="ten")
    found = session.execute(select(Answer.score, Answer.channel, Answer.agent).order_by(Answer.score)).all()
    assert [tuple(row) for row in found] == [(1, "chat", "Kinga"), (10, "site", "")]
    assert [task.title for task in session.scalars(select(Task))] == ["Chat: 1/5"]


@pytest.mark.parametrize("trigger", ["order", "conversation", "silent"])
def test_other_occasions(
    app: Any, session: Any, anna: int, owner: int, trigger: str, occasions: dict[str, Any]
) -> None:
    wording = Wording(name="x", kind="csat", question_en="a", question_pl="b", owner_id=owner, trigger=trigger,
                      delay_hours=24 * 30 if trigger == "silent" else 0)  # fmt: skip
    made = operations.create(wording=wording, now=clock.now())
    asking_surveys.activate(survey_id=made.id, now=clock.now() - timedelta(hours=1))
    assert asking_surveys.plan(now=clock.now()) == 0
    occasions[trigger](anna)
    made.seen_until = clock.now() - timedelta(hours=1)
    assert asking_surveys.plan(now=clock.now()) == 1
    assert asking_surveys.plan(now=clock.now()) == 0


@pytest.fixture
def occasions(session: Any) -> dict[str, Callable[[int], None]]:
    from crm360.commerce import operations as commerce
    from crm360.commerce.models import CustomerValue
    from crm360.conversations.models import Conversation
    from crm360.identity import queries as who

    def order(contact_id: int) -> None:
        now = clock.now()
        sold = OrderPlaced(
            ref=REF,
            source="web",
            external_id="o1",
            number="1",
            placed_at=now,
            updated_at=now,
            currency="PLN",
            total_minor=500,
        )
        commerce.record_orders(received=[Received(contact_id, None, sold)], now=now)

    def conversation(contact_id: int) -> None:
        now = clock.now()
        session.add(
            Conversation(
                contact_id=contact_id, contact_at=now, source="chat", external_id="1", channel="chat", status="resolved",
                status_at=now - timedelta(minutes=5), started_at=now, last_message_at=now,
            )
        )  # fmt: skip
        session.flush()

    def silent(contact_id: int) -> None:
        profile_id, now = who.profile_ids([contact_id])[contact_id], clock.now()
        last = now - timedelta(days=30, minutes=5)
        session.add(CustomerValue(profile_id=profile_id, as_of=now, refreshed_at=now, last_at=last, currency="PLN"))
        session.flush()

    return {"order": order, "conversation": conversation, "silent": silent}


def test_revenue_at_risk_is_what_the_unhappy_would_have_spent(
    app: Any, session: Any, anna: int, survey: Survey
) -> None:
    from crm360.commerce.models import CustomerValue
    from crm360.identity import queries as who

    now = clock.now()
    profile_id = who.profile_ids([anna])[anna]
    session.add(CustomerValue(profile_id=profile_id, as_of=now, refreshed_at=now, currency="PLN", clv_minor=123_45))
    for score, wanted in ((6, [("PLN", 1, 123_45)]), (8, [])):
        said = operations.Said(score=score, channel="link", answered_at=clock.now(), contact_id=anna)
        answering_surveys.receive(survey_id=survey.id, said=said, now=clock.now())
        assert [tuple(each) for each in answering_surveys.revenue_at_risk(now=clock.now())] == wanted


@pytest.mark.parametrize(("score", "days"), [(5, 1), (4, 1), (3, 3), (None, 3)])
def test_who_is_worth_more_is_looked_after_sooner(
    app: Any, session: Any, anna: int, survey: Survey, score: int | None, days: int
) -> None:
    from crm360.commerce.models import CustomerValue
    from crm360.identity import queries as who

    now = clock.now()
    session.add(CustomerValue(profile_id=who.profile_ids([anna])[anna], as_of=now, refreshed_at=now, currency="PLN", monetary_score=score))  # fmt: skip
    said = operations.Said(score=2, channel="link", answered_at=now, contact_id=anna)
    answering_surveys.receive(survey_id=survey.id, said=said, now=now)
    task = session.scalars(select(Task)).one()
    assert task.due_at - now == timedelta(days=days)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"), ({"question_pl": ""}, "question_en"), ({"kind": "mood"}, "kind"),
        ({"trigger": "never"}, "trigger"), ({"trigger": "event", "event_kind": "Delivered!"}, "event_kind"),
        ({"valid_days": 0}, "valid_days"), ({"delay_hours": -1}, "delay_hours"),
    ],
)  # fmt: skip
def test_a_survey_that_cannot_work_is_refused(session: Any, owner: int, wrong: dict[str, Any], field: str) -> None:
    told: dict[str, Any] = {"name": "x", "kind": "nps", "question_en": "a", "question_pl": "b", "owner_id": owner}
    with pytest.raises(operations.BadSurvey) as refused:
        operations.create(wording=Wording(**(told | wrong)), now=clock.now())
    assert field in refused.value.errors


def test_the_scale_stays_once_somebody_answered(session: Any, survey: Survey, owner: int) -> None:
    said = operations.Said(score=7, channel="link", answered_at=clock.now())
    operations.answer(survey_id=survey.id, said=said, now=clock.now())
    wording = Wording(name="x", kind="csat", question_en="a", question_pl="b", owner_id=owner)
    with pytest.raises(operations.BadSurvey):
        operations.change(survey_id=survey.id, wording=wording)


def test_entering_a_segment_is_an_occasion_and_a_changed_rule_is_none(
    app: Any, session: Any, anna: int, owner: int
) -> None:
    profile = session.get(Contact, anna).profile_id
    wording = Wording(
        name="Welcome", kind="nps", question_en="Well?", question_pl="I jak?", owner_id=owner, trigger="segment", segment_id=3,
    )  # fmt: skip
    asked = operations.create(wording=wording, now=clock.now() - DAY)
    asking_surveys.activate(survey_id=asked.id, now=clock.now() - DAY)
    session.add(Segment(id=3, name="New", kind="static", marketing=False, created_at=clock.now(), created_by="Ola"))
    session.flush()
    told = {"segment_id": 3, "profile_id": profile, "at": clock.now(), "recorded_at": clock.now(), "version": 1}
    session.add(Change(**told, entered=True, reason="rule"))
    session.flush()
    assert asking_surveys.plan(now=clock.now()) == 0
    for entered in (True, False, True):
        session.add(Change(**told | {"recorded_at": clock.now()}, entered=entered, reason="data"))
    session.flush()
    assert asking_surveys.plan(now=clock.now()) == 1
    assert session.scalars(select(Invitation)).one().subject == f"segment:3:{profile}"
