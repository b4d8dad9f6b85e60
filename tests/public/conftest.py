"""What tests of the customers' door start with: a customer with an address, texts to agree to, and signed links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm360.consents import defining
from crm360.consents import operations as consents
from crm360.facts import ConsentStated, ContactRef, ContactSeen, Identifier, Received
from crm360.identity import operations as identity
from crm360.identity.models import ContactIdentifier
from crm360.kernel import clock
from crm360.public.door import PREFERENCES, UNSUBSCRIBE

REF = ContactRef("shop", "customer:17")


@pytest.fixture
def texts(session: Any) -> None:
    """A text for the newsletter and one for offers, in force."""
    before = clock.now() - timedelta(days=30)
    for code, purpose, english, polish in (
        ("newsletter", "newsletter", "I want the newsletter by e-mail.", "Chcę newsletter e-mailem."),
        ("offers", "marketing", "I want offers by e-mail.", "Chcę oferty e-mailem."),
    ):
        defining.publish_notice(
            code=code, texts={"en": english, "pl": polish}, purposes=[purpose], about={"controller": "Lipowa sp. z o.o."},
            effective_from=before, by="charlie", now=before,
        )  # fmt: skip


@pytest.fixture
def anna(session: Any, texts: None) -> int:
    """The id of the e-mail of a customer who agreed to offers."""
    now = clock.now()
    seen = ContactSeen(
        ref=REF,
        occurred_at=now,
        fields={"full_name": "Anna Nowak"},
        identifiers=(Identifier("email", "Anna@Example.com"),),
    )
    recorded = identity.record_contacts(seen=[seen], now=now)
    identity.resolve(contact_ids=recorded.changed, before=recorded.before, now=now)
    say(recorded.ids[REF], "given", now - timedelta(days=3))
    session.commit()
    return int(session.scalar(select(ContactIdentifier.id)))


def say(contact_id: int, state: Any, at: datetime) -> None:
    fact = ConsentStated(
        ref=REF, identifier=Identifier("email", "anna@example.com"), purpose="marketing", channel="email", state=state,
        occurred_at=at, source="shop", evidence_grade="B",
    )  # fmt: skip
    consents.record_statements(received=[Received(contact_id, None, fact)], now=clock.now())


@pytest.fixture
def link(app: Any, anna: int) -> Callable[..., str]:
    """`link("preferences")`, `link("unsubscribe", purpose="marketing")`."""

    def make(kind: str, purpose: str = "marketing") -> str:
        with app.test_request_context():
            token = (
                PREFERENCES.make(anna)
                if kind == "preferences"
                else UNSUBSCRIBE.make(anna, purpose, "email", "letter:1")
            )
        return f"/{kind}/{token}"

    return make
