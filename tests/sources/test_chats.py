"""What LiveChat, Intercom and Zendesk say: who asked, who answered, when it was settled."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crm360.facts import ContactSeen, ConversationChanged, MessageExchanged
from crm360.sources import intercom, livechat, zendesk
from crm360.sources.base import Unreadable
from crm360.sources.channel import Delivery
from crm360.sources.registry import reader
from tests.sources.fixture_files import payload, sample


def told(channel: str, name: str) -> tuple[list[ContactSeen], list[MessageExchanged], list[ConversationChanged]]:
    facts = reader(channel)(sample(channel, name))
    return tuple(
        [fact for fact in facts if isinstance(fact, kind)]
        for kind in (ContactSeen, MessageExchanged, ConversationChanged)
    )  # type: ignore[return-value]


def brief(messages: list[MessageExchanged]) -> list[tuple[str, str, str, str]]:
    return [(each.conversation_id, each.direction, each.body, each.author) for each in messages]


MESSAGES = [
    ("livechat", "incoming_chat", [("K600PKZON8", "in", "Dzień dobry, gdzie jest moja paczka?", "")]),
    ("livechat", "incoming_event_agent", [("K600PKZON8", "out", "Już sprawdzam.", "marta@sklep.example")]),
    ("livechat", "incoming_event_note", [("K600PKZON8", "note", "", "marta@sklep.example")]),
    ("livechat", "incoming_event_form", []),
    ("intercom", "conversation_created", [("147", "in", "Czy macie filtry 4?", "")]),
    ("intercom", "admin_replied", [("147", "in", "Czy macie filtry 4?", ""), ("147", "out", "Tak, mamy.", "Ola")]),
    ("intercom", "admin_noted", [("147", "in", "Czy macie filtry 4?", ""), ("147", "note", "VIP", "Ola")]),
    ("zendesk", "ticket_created", [("5158", "in", "Ekspres cieknie.", "")]),
    ("zendesk", "comment_added", [("5158", "out", "Proszę o zdjęcie.", "Kasia")]),
    ("zendesk", "comment_private", [("5158", "note", "gwarancja do maja", "Kasia")]),
    ("zendesk", "trigger", [("5159", "in", "Jak zwrócić?", "")]),
]


@pytest.mark.parametrize(("channel", "name", "expected"), MESSAGES)
def test_words_are_whose_they_are(channel: str, name: str, expected: Any) -> None:
    assert brief(told(channel, name)[1]) == expected


CHANGES = [
    ("livechat", "incoming_chat", [("open", "Marta")]),
    ("livechat", "chat_deactivated", [("resolved", "")]),
    ("intercom", "conversation_created", [("open", "")]),
    ("intercom", "admin_closed", [("resolved", "Ola")]),
    ("intercom", "assigned", [("", "Piotr")]),
    ("zendesk", "ticket_created", [("open", "")]),
    ("zendesk", "status_changed", [("resolved", "")]),
    ("zendesk", "trigger", [("open", "")]),
]


@pytest.mark.parametrize(("channel", "name", "expected"), CHANGES)
def test_changes_have_their_status_and_agent(channel: str, name: str, expected: Any) -> None:
    assert [(each.status, each.agent) for each in told(channel, name)[2]] == expected


PEOPLE = [
    ("livechat", "incoming_chat", "chat:PJ0MRSHTDG", "Ewa Lis", "ewa.lis@example.com"),
    ("livechat", "incoming_event_form", "chat:PJ0MRSHTDG", "Ewa Lis", "ewa.lis@example.com"),
    ("intercom", "admin_replied", "contact:5310d8e7598c9a0b24000002", "Jan Kos", "jan.kos@example.com"),
    ("intercom", "contact_updated", "contact:5310d8e7598c9a0b24000002", "Jan Kos", "jan.kos@example.com"),
    ("zendesk", "user_created", "contact:8447388090494", "Zofia Mak", "zofia@example.com"),
    ("zendesk", "trigger", "contact:8447388090494", "Zofia Mak", "zofia@example.com"),
]


@pytest.mark.parametrize(("channel", "name", "external_id", "full_name", "email"), PEOPLE)
def test_the_customer_is_seen_never_the_agent(
    channel: str, name: str, external_id: str, full_name: str, email: str
) -> None:
    (seen,) = told(channel, name)[0]
    held = {each.kind: each.value for each in seen.identifiers}
    assert (seen.ref.external_id, seen.fields["full_name"], held["email"]) == (external_id, full_name, email)
    assert held["chat_id"].startswith("web:")


@pytest.mark.parametrize(
    ("module", "body"),
    [
        (livechat, {"action": "incoming_event", "payload": {"event": {}}}),
        (livechat, {"payload": {}}),
        (intercom, {"topic": "conversation.user.created", "data": {"item": {}}}),
        (intercom, {"data": {}}),
        (zendesk, {"type": "zen:event-type:ticket.created", "detail": {"id": "1"}}),
        (zendesk, {"subject": "no ticket"}),
    ],
)
def test_what_names_nobody_is_unreadable(module: Any, body: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        module.read(payload(body))


@pytest.mark.parametrize(
    ("module", "body"),
    [
        (livechat, {"action": "chat_transferred", "payload": {}}),
        (intercom, {"topic": "company.created", "data": {"item": {}}}),
        (zendesk, {"type": "zen:event-type:article.published"}),
    ],
)
def test_what_is_of_no_interest_says_nothing(module: Any, body: dict[str, Any]) -> None:
    assert module.read(payload(body)) == []


def delivery(body: bytes, method: str = "POST", **headers: str) -> Delivery:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Delivery(
        method=method, url="", body=body, headers=named, received_at=datetime(2021, 3, 25, 5, 10, tzinfo=UTC)
    )


def test_livechat_keeps_no_secret() -> None:
    (item,) = livechat._split(delivery(b'{"secret_key":"s","action":"x"}'))
    assert b"secret" not in item.body


def test_intercom_looks_and_pings() -> None:
    assert intercom._greeting(delivery(b"", "HEAD"), "s", {}) is not None
    assert intercom._greeting(delivery(b"{}"), "s", {}) is None
    assert intercom._split(delivery(b'{"topic":"ping","id":"1"}')) == []


def test_zendesks_signature_is_base64_of_an_hmac_over_time_and_body() -> None:
    """The example of Zendesk's own guide "Verifying webhook authenticity", its secret for tests and its algorithm."""
    import base64
    import hashlib
    import hmac

    secret, stated, body = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==", "2021-03-25T05:09:27Z", b'{"foo":"bar"}'
    signature = base64.b64encode(hmac.new(secret.encode(), stated.encode() + body, hashlib.sha256).digest()).decode()
    sent = {"x_zendesk_webhook_signature": signature, "x_zendesk_webhook_signature_timestamp": stated}
    assert zendesk._signed(delivery(body, **sent), secret, {})
    assert not zendesk._signed(delivery(body + b" ", **sent), secret, {})
    assert not zendesk._signed(
        delivery(body, **sent | {"x_zendesk_webhook_signature_timestamp": "2021-03-25T04:00:00Z"}), secret, {}
    )
