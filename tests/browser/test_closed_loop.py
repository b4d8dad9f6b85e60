"""An unhappy customer in real browsers: an order is delivered, a question comes by mail, the answer is 3, a colleague replies
from the task, the customer is asked again and answers 9; timeline, score and revenue at risk are read on the pages each time.
"""

from __future__ import annotations

import base64
import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Page, expect

from crm360.accounts import operations as accounts
from crm360.app import create_app
from crm360.commerce import rfm, value_fits
from crm360.commerce.clv import PurchaseRate, Spending
from crm360.facts import ConsentStated, ContactRef, ContactSeen, Identifier
from crm360.flows import asking_surveys
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.surveys import operations
from crm360.surveys.operations import Wording
from tests import processes
from tests.browser.conftest import PATIENCE_MS
from tests.browser.test_marketing_desk import Sink, looked_at
from tests.browser.test_sales_desk import PASSWORD
from tests.identity import plain_model
from tests.mail_servers import receiving, sent_through
from tests.processes import wait_until
from tests.web import scene

pytestmark = pytest.mark.browser
KEY, SITE, ANNA = "wk_of_the_site_00000000", "web", "anna.kowalska@example.com"
HALF = {"r": 0.8, "alpha": 6.0, "a": 0.7, "b": 4.0}


class Shop(NamedTuple):
    """A running installation, its mail as it came in, Anna's number, and that of the survey."""

    running: processes.RunningServer
    mails: list[EmailMessage]
    anna: int
    survey: int


class Keeping(Sink):
    """Keeps every mail in its order: one customer gets several."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        said = await super().handle_DATA(server, session, envelope)
        self.order.append(self.mails[envelope.rcpt_tos[0]])
        return said


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    taking = Keeping()
    with receiving(taking) as port:
        mail = sent_through(port) | {"SHOP_NAME": "Lipowa"}
        instance = processes.Instance(tmp_path, f"sqlite:///{tmp_path / 'loop.sqlite3'}", extra=mail).migrate()
        anna, survey = furnish(instance)
        with processes.running(instance) as started:
            yield Shop(started, taking.order, anna, survey)


@pytest.fixture
def server(shop: Shop) -> processes.RunningServer:
    return shop.running


def furnish(instance: processes.Instance) -> tuple[int, int]:
    """A rep, Anna with her purchases and her consent, what the day's purchases taught, and a survey after deliveries."""
    with create_app(instance.settings()).app_context(), plain_model.in_force():
        now = datetime.now(UTC)
        rep = accounts.create_staff(
            email="marta@example.com", role="sales", password=PASSWORD, name="Marta Zając", now=now
        )
        accounts.create_key(kind="write", name=SITE, value=KEY, now=now)
        scene.furnish(now)
        ref, email = ContactRef(SITE, "user:8812"), Identifier("email", ANNA)
        seen = ContactSeen(ref=ref, occurred_at=now - timedelta(days=9), identifiers=(email,), fields={"given_name": "Anna", "family_name": "Kowalska"})  # fmt: skip
        yes = ConsentStated(ref=ref, identifier=email, purpose="surveys", channel="email", state="given", source=SITE, occurred_at=now - timedelta(days=9), evidence_grade="A", statement_id="q1")  # fmt: skip
        scene.tell([seen, yes], now)
        edges = rfm.Boundaries((10, 20, 30, 40), (1, 2, 3, 4), {"PLN": (100, 200, 300, 400)})
        fit = value_fits.Fit(as_of=now, customers=20, boundaries=edges, rate=PurchaseRate(**HALF), spending={"PLN": Spending(4.0, 4.0, 9000.0)})  # fmt: skip
        value_fits.keep(value_fits.Learned(fit, [], {}))
        wording = Wording(name="After delivery", kind="nps", question_en="Would you recommend us?", question_pl="Czy polecisz nas znajomym?", owner_id=rep.id, trigger="event", event_kind="custom.order_delivered", cooldown_days=0, again_days=0)  # fmt: skip
        survey = operations.create(wording=wording, now=now)
        asking_surveys.activate(survey_id=survey.id, now=now)
        db.session.commit()
        found = db.session.query(Contact).filter_by(source=SITE).one().profile_id, survey.id
        db.session.remove()
        db.engine.dispose()
        return found


def test_an_unhappy_customer_is_answered_and_asked_again(page: Page, axe: Callable[[Page], None], shop: Shop) -> None:
    page.goto("/sign-in?next=/surveys")
    page.get_by_label("E-mail").fill("marta@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Surveys")
    expect(page.locator(".notice.is-warn")).to_have_count(0)  # nothing is at risk
    deliver(shop)
    answer(page, question(shop, 1), 3, "Pokrywka pękła")
    told(page, shop, score="−100", answers="of 1 answer")
    at_risk(page)
    timeline(page, shop, "After delivery: 3/10", "Pokrywka pękła")
    reply_from_the_task(page, axe)
    wait_until(lambda: len(shop.mails) >= 2, what="the reply")
    assert shop.mails[1]["To"] == ANNA
    assert shop.mails[1]["From"] == '"Marta Zając, Lipowa" <shop@lipowa.example>'
    assert "Jutro wyślemy nową pokrywkę." in text_of(shop.mails[1])
    timeline(page, shop, "Nasza odpowiedź na Twoje słowa", "Task done")
    page.goto("/surveys")
    expect(page.locator(".stat", has_text="Looked after")).to_contain_text("1 / 1")
    expect(page.locator(".stat", has_text="Time to the reply")).to_contain_text("1 customer was written to")
    answer(page, question(shop, 3), 9, "Dziękuję!")
    told(page, shop, score="0", answers="of 2 answers")
    page.goto("/surveys")
    expect(page.locator(".notice.is-warn")).to_have_count(0)
    expect(page.locator(".stat", has_text="Happier afterwards")).to_contain_text("1 / 1")
    timeline(page, shop, "After delivery: 9/10", "Dziękuję!")
    page.goto(f"/surveys/{shop.survey}/parts")
    page.get_by_text("How this number comes about").click()
    expect(page.locator("main")).to_contain_text(
        "Answers of 9 and 10: 1, of 0 to 6: 1, in all: 2; 100 × (1 − 1) / 2 = 0."
    )
    looked_at(page, axe, "parts")


def deliver(shop: Shop) -> None:
    """The shop's site tells that the order arrived."""
    said = {
        "type": "track",
        "event": "order_delivered",
        "userId": "8812",
        "messageId": "d-1",
        "properties": {"order_id": "4711"},
    }
    asked = urllib.request.Request(f"{shop.running.url}/v1/track", data=json.dumps(said).encode(), method="POST")
    asked.add_header("Authorization", "Basic " + base64.b64encode(f"{KEY}:".encode()).decode())
    asked.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(asked, timeout=90) as answered:
        assert answered.status == 200


def question(shop: Shop, number: int) -> str:
    """The link of the question that is mail number `number`; the clock's job is done now, not at the next minute."""
    shop.running.instance.flask("jobs", "run-once")
    wait_until(lambda: len(shop.mails) >= number, what=f"mail {number}")
    mail = shop.mails[number - 1]
    assert (mail["To"], mail["Subject"]) == (ANNA, "Pytanie od Lipowa")
    link = re.search(r"http\S+/survey/\S+", text_of(mail))
    assert link
    return link[0]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def answer(page: Page, link: str, score: int, words: str) -> None:
    """As the customer does: in a browser of their own, by the number in the letter."""
    assert page.context.browser is not None
    theirs = page.context.browser.new_context(locale="pl-PL")
    theirs.set_default_timeout(PATIENCE_MS)
    customer = theirs.new_page()
    customer.goto(f"{link}&score={score}")
    expect(customer.get_by_role("heading", level=1)).to_have_text("Czy polecisz nas znajomym?")
    expect(customer.get_by_role("radio", name=str(score), exact=True)).to_be_checked()
    customer.get_by_label("Jaki jest główny powód?").fill(words)
    customer.get_by_role("button", name="Wyślij odpowiedź").click()
    expect(customer.get_by_role("heading", level=1)).to_have_text("Dziękujemy za odpowiedź")
    theirs.close()


def told(page: Page, shop: Shop, *, score: str, answers: str) -> None:
    page.goto(f"/surveys/{shop.survey}")
    expect(page.locator(".score-big")).to_have_text(score)
    expect(page.locator(".survey-top")).to_contain_text(answers)


def at_risk(page: Page) -> None:
    """What she was expected to spend, by the figures the worker keeps of her."""
    wait_until(lambda: page.goto("/surveys") and page.locator(".notice.is-warn").count() == 1, what="her value")
    notice = page.locator(".notice.is-warn")
    expect(notice).to_contain_text(re.compile(r"[1-9][\d,.]* at risk with 1 unhappy customer"))
    expect(notice).to_contain_text("What they are expected to spend within a year (CLV)")
    notice.get_by_role("link", name="Who they are").click()
    expect(page.locator("tbody")).to_contain_text("Anna Kowalska")


def timeline(page: Page, shop: Shop, *words: str) -> None:
    """What was done stands there; a letter's line once its sender has written down how it ended."""
    lines = page.locator("#timeline")
    wait_until(lambda: page.goto(f"/customers/{shop.anna}") and words[0] in lines.inner_text(), what=words[0])
    for each in words:
        expect(page.locator("#timeline")).to_contain_text(each)


def reply_from_the_task(page: Page, axe: Callable[[Page], None]) -> None:
    """The task is the rep's, with a deadline; one press leads to a letter in the customer's language."""
    page.goto("/tasks")
    task = page.locator(".task", has_text="After delivery: 3/10")
    expect(task.locator("time.due")).to_be_visible()
    task.get_by_role("link", name="Reply").click()
    looked_at(page, axe, "reply")
    letter = page.get_by_label("Letter")
    expect(letter).to_have_value(re.compile(r"Dzień dobry, Anno,[\s\S]*3 z 10[\s\S]*> Pokrywka pękła"))
    letter.fill("Dzień dobry, Anno,\n\nJutro wyślemy nową pokrywkę.\n\nMarta Zając\nLipowa")
    page.get_by_role("button", name="Send the reply").click()
    expect(page.locator("#toasts")).to_contain_text("The reply is on its way")
