"""A day, a month and a rhythm are those of the shop's clock; who is unhappy is one thing wherever it is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from crm360.accounts import operations as accounts
from crm360.commerce import operations, valuing
from crm360.commerce.models import CustomerValue
from crm360.facts import OrderPlaced, Received
from crm360.identity.models import Contact
from crm360.insights import behind, experience, figures, promises, reading
from crm360.insights.opening import Opening
from crm360.surveys import operations as surveys
from crm360.surveys import queries
from crm360.surveys.operations import Said, Wording
from tests.outreach import crowd

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_an_order_after_midnight_in_warsaw_is_of_the_new_month(session: Any, plain_model: None):
    ((contact, profile),) = crowd.many(NOW - timedelta(days=90), [(("ewa@example.com",), {})])
    for number, at in enumerate((datetime(2026, 1, 31, 23, 30, tzinfo=UTC), datetime(2026, 2, 1, 10, tzinfo=UTC))):
        fact = OrderPlaced(
            ref=None, source="shop", external_id=str(number), number=str(number), placed_at=at, updated_at=at, currency="PLN",
            total_minor=1000,
        )  # fmt: skip
        operations.record_orders(received=[Received(contact, None, fact)], now=NOW)
    valuing.refresh(profile_ids=[profile], now=NOW)
    assert session.get(CustomerValue, profile).purchase_days == 1
    found = figures.computed(terms=figures.Terms(Opening(), {"": promises.USUAL}), now=NOW)
    assert [(each["month"], each["size"]) for each in found["loyalty", figures.NEWEST]["cohorts"]] == [("2026-02", 1)]
    assert [each["month"] for each in found["loyalty", figures.NEWEST]["revenue"]] == ["2026-02"]
    assert behind.in_cohort("2026-02").profile_ids == [profile]
    assert behind.in_cohort("2026-01").whole == 0
    months = {
        on.month: document["orders"]
        for (family, on), document in found.items()
        if family == "month" and on.year == 2026
    }
    assert months == {1: 0, 2: 2, 3: 0}


def test_who_is_unhappy_is_the_same_of_rows_and_of_answers_read(session: Any, plain_model: None):
    random = Random(7)
    owner = accounts.create_staff(email="o@example.com", name="O", role="marketing", password="correct horse", now=NOW)
    made = crowd.many(NOW, [((f"p{number}@example.com",), {}) for number in range(12)])
    asked = [
        surveys.create(
            wording=Wording(name=kind, kind=kind, question_en="?", question_pl="?", owner_id=owner.id), now=NOW
        )
        for kind in ("nps", "csat")
    ]
    for _ in range(60):
        contact, _ = random.choice(made)
        at = NOW - timedelta(days=random.choice((-1, 0, 1, 30, 89, 90, 91, 200)), hours=random.randrange(3))
        said = Said(score=random.randrange(1, 6), channel="api", answered_at=at, contact_id=contact)
        surveys.answer(survey_id=random.choice(asked).id, said=said, now=NOW)
    assert session.query(Contact).count() == 12
    found = sorted(queries.unhappy_profiles(NOW))
    assert found == experience.unhappy(reading.answers(), NOW)
    assert 0 < len(found) < 12
