"""Shopify's privacy topics through the door: no request is lost, none is counted twice."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from crm360.flows import receive
from crm360.identity.models import Contact
from crm360.inbox import operations as inbox
from crm360.privacy.models import Case
from crm360.profiles.models import TimelineEntry
from tests.intake.signers.kit import hmac_base64


@pytest.fixture(autouse=True)
def shop(session: Any, now: datetime) -> None:
    inbox.create_source(name="shop", channel="shopify", secret="s", now=now)


def deliver(client: Any, now: datetime, topic: str, document: dict[str, Any], webhook_id: str = "w-1") -> None:
    body = json.dumps(document).encode()
    headers = {
        "X-Shopify-Topic": topic, "X-Shopify-Webhook-Id": webhook_id, "X-Shopify-Triggered-At": "2026-03-02T09:00:00Z",
        "X-Shopify-Hmac-Sha256": hmac_base64("s", body),
    }  # fmt: skip
    assert client.post("/hooks/shopify/shop", data=body, headers=headers).status_code == 200
    assert receive.process_waiting(now=now).quarantined == 0


EWA = {"id": 7, "email": "ewa@example.com", "phone": "+48501234567"}
TOPICS = [
    ("customers/data_request", {"shop_id": 1, "customer": EWA, "data_request": {"id": 99}, "orders_requested": [5]}),
    ("customers/redact", {"shop_id": 1, "customer": EWA, "orders_to_redact": [5]}),
    ("shop/redact", {"shop_id": 1, "shop_domain": "sklep.myshopify.com"}),
]


@pytest.mark.parametrize(("topic", "document"), TOPICS)
def test_a_request_naming_nobody_known_opens_a_case_and_makes_nobody(
    client: Any, session: Any, now: datetime, topic: str, document: dict[str, Any]
) -> None:
    for _ in range(3):
        deliver(client, now, topic, document)
    (case,) = session.scalars(select(Case))
    assert (case.contact_id, case.status, case.due_on, case.source) == (None, "open", date(2026, 4, 2), "shop")
    assert session.scalar(select(func.count()).select_from(Contact)) == 0


@pytest.mark.parametrize("customer", [{"id": 7}, {"email": "EWA@example.com"}, {"phone": "501 234 567"}])
def test_a_known_person_is_found_by_whatever_the_request_names(
    client: Any, session: Any, now: datetime, customer: dict[str, Any]
) -> None:
    deliver(client, now, "customers/create", {**EWA, "updated_at": "2026-02-01T10:00:00Z"})
    deliver(client, now, "customers/redact", {"customer": customer}, "w-2")
    contact = session.scalars(select(Contact)).one()
    assert session.scalars(select(Case)).one().contact_id == contact.id
    line = session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "privacy.redaction_requested")).one()
    assert line.contact_id == contact.id


def test_two_requests_are_two_cases(client: Any, session: Any, now: datetime) -> None:
    for webhook_id in ("w-1", "w-2"):
        deliver(client, now, "customers/redact", {"customer": EWA}, webhook_id)
    assert session.scalar(select(func.count()).select_from(Case)) == 2


def test_the_list_shows_who_asked_and_is_for_the_privacy_role(
    client: Any, session: Any, now: datetime, charlie, alice, sign_in
) -> None:
    deliver(client, now, "customers/create", {**EWA, "updated_at": "2026-02-01T10:00:00Z"})
    for number, (topic, document) in enumerate(TOPICS):
        deliver(client, now, topic, document, f"w-{number + 10}")
    deliver(client, now, "customers/redact", {"customer": {"email": "obcy@example.com"}}, "w-20")
    sign_in(client, charlie)
    page = client.page("/privacy/cases")
    assert page.text.count("data_request:99") == 1
    for words in (
        "Copy of the data",
        "Erasure of a whole shop",
        "obcy@example.com",
        "not known here",
        "sklep.myshopify.com",
    ):
        assert words in page.text
    profile_id = session.scalars(select(Contact.profile_id)).one()
    assert f'href="/customers/{profile_id}"' in client.get("/privacy/cases").get_data(as_text=True)


def test_others_do_not_see_it(client: Any, alice, sign_in) -> None:
    sign_in(client, alice)
    assert client.get("/privacy/cases").status_code == 403


def test_the_list_goes_on(client: Any, session: Any, now: datetime, charlie, sign_in) -> None:
    rows = [
        Case(
            right="erasure", status="open", received_at=now, received_via="webhook", source="shop", due_on=date(2026, 4, 2),
            external_id=f"n-{number:03}", opened_at=now,
        )
        for number in range(120)
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    sign_in(client, charlie)
    seen: list[str] = []
    path: str | None = "/privacy/cases"
    while path:
        text = client.get(path).get_data(as_text=True)
        seen += [f"n-{number:03}" for number in range(120) if f"n-{number:03}" in text]
        path = next(
            (
                part.split('"')[0].replace("&amp;", "&")
                for part in text.split('href="')
                if part.startswith("/privacy/cases?due=")
            ),
            None,
        )
    assert seen == [f"n-{number:03}" for number in range(120)]
