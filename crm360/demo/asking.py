"""What the demo's customers answered: a survey after purchases, one about service, answers of a year."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sqlalchemy import select

from crm360.accounts import queries as accounts
from crm360.commerce.models import Order
from crm360.demo.staff import SIGN_INS
from crm360.flows import answering_surveys
from crm360.kernel.db import db
from crm360.surveys import operations, queries
from crm360.surveys.operations import Said, Wording

#: One order in so many is answered about.
_SHARE = 12
#: Answers of the last days are news: unhappy ones become tasks.
_NEWS = timedelta(days=4)
_SCORES = (10, 10, 10, 9, 9, 9, 8, 8, 8, 7, 7, 6, 5, 3)
_WORDS = {
    "good": ("Kawa świeża, paczka w dwa dni.", "Miła obsługa w Krakowie!", "Great coffee, will order again.", ""),
    "fair": ("Wszystko w porządku.", "Trochę długo szło.", "Fine, but shipping is dear.", ""),
    "bad": ("Filiżanka przyszła pęknięta.", "Nikt nie odpisał na maila przez tydzień.", "Wrong plug on the lamp.", ""),
}


def answer(*, anchor: datetime) -> None:
    """Make the surveys and their answers; again changes nothing."""
    rep, marketer = (accounts.find_staff_by_email(each.email) for each in SIGN_INS[:2])
    if rep is None or marketer is None or queries.surveys():
        return
    nps = operations.create(now=anchor - timedelta(days=370), wording=Wording(
        name="Po zakupie", kind="nps", owner_id=rep.id, trigger="order", delay_hours=72, purpose="service",
        question_en="How likely are you to recommend Lipowa & Oak to a friend?",
        question_pl="Jak bardzo prawdopodobne jest, że polecisz Lipową znajomym?",
    ))  # fmt: skip
    operations.create(now=anchor - timedelta(days=200), wording=Wording(
        name="Obsługa", kind="csat", owner_id=rep.id, trigger="conversation", delay_hours=1, purpose="service",
        question_en="How satisfied are you with our help?", question_pl="Czy nasza pomoc była zadowalająca?",
    ))  # fmt: skip
    chance = random.Random(360)
    since = anchor - timedelta(days=365)
    sold = select(Order.id, Order.contact_id, Order.placed_at, Order.store).order_by(Order.placed_at, Order.id)
    for number, contact_id, placed_at, store in db.session.execute(
        sold.where(Order.contact_id.is_not(None), Order.kind == "sale", Order.placed_at >= since)
    ).all():
        answered_at = placed_at + timedelta(hours=72 + chance.randint(0, 60))
        if chance.randrange(_SHARE) or answered_at > anchor:
            continue
        score = chance.choice(_SCORES)
        words = _WORDS["good" if score >= 9 else "bad" if score <= 6 else "fair"]
        said = Said(
            score=score, body=chance.choice(words), channel="qr" if store and chance.random() < 0.3 else "email",
            answered_at=answered_at, contact_id=contact_id, store=store, subject=f"order:{number}", locale="pl",
        )  # fmt: skip
        write = answering_surveys.receive if answered_at > anchor - _NEWS else operations.answer
        write(survey_id=nps.id, said=said, now=answered_at)
