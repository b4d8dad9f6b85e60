"""Contacts and events of integrators as facts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crm360 import facts
from crm360.facts import ContactRef, Identifier
from crm360.sources.api_events import RESERVED_GROUPS, read
from crm360.sources.base import Unreadable
from tests.sources.fixture_files import RECEIVED_AT, payload, sample

NOON = "2024-05-01T12:00:00+02:00"
AT = datetime(2024, 5, 1, 10, tzinfo=UTC)


def said(kind: str, part: dict[str, Any], **more: Any) -> list[Any]:
    """The facts of an event of customer 7."""
    body = {"type": kind, "event_id": "e-1", "external_id": "7", "occurred_at": NOON, kind: part} | more
    return list(read(payload(body)))


def test_a_contact_with_its_fields_identifiers_and_tags():
    seen, tags = read(sample("api", "contact"))
    assert seen.ref == ContactRef("web", "customer:K-1001")
    assert seen.fields == {"given_name": "Łucja", "family_name": "Kania", "birth_date": "1984-11-02", "city": "Gdynia"}
    assert seen.identifiers == (
        Identifier("customer_id", "web:K-1001"),
        Identifier("email", "lucja.kania@example.com", True),
        Identifier("phone", "+48 601 700 801"),
        Identifier("customer_id", "web:55"),
    )
    assert seen.occurred_at == datetime(2024, 5, 20, 6, 15, tzinfo=UTC)
    assert (seen.attributes, seen.anonymous, tags.tags) == ({"segment": "b2b"}, False, ("hurt", "stały klient"))


def test_what_is_not_said_stays_as_it_was():
    (seen,) = read(payload({"external_id": "7", "fields": {"city": " ", "shoe_size": "43"}}, type="contact"))
    assert (seen.fields, seen.attributes, seen.occurred_at) == ({}, {}, RECEIVED_AT)


@pytest.mark.parametrize(
    ("identifiers", "external_id", "anonymous"),
    [
        ([{"kind": "email", "value": "Anna@Example.com"}], "email:anna@example.com", False),
        ([{"kind": "phone", "value": "601 700 801"}], "phone:+48601700801", False),
        ([{"kind": "card", "value": "00 47 11"}], "card:004711", False),
        ([{"kind": "device", "value": "d-1"}], "anon:d-1", True),
        ([{"kind": "chat_id", "value": "9"}], "chat:web:9", False),
        ([{"kind": "chat_id", "value": "9", "source": "inbox"}], "chat:inbox:9", False),
        ([{"kind": "device", "value": "d-1"}, {"kind": "email", "value": "a@b.pl"}], "email:a@b.pl", False),
    ],
)
def test_without_an_id_the_strongest_identifier_names_the_contact(
    identifiers: list[Any], external_id: str, anonymous: bool
):
    seen, _ = said("activity", {"kind": "quiz.finished"}, external_id="", identifiers=identifiers)
    assert (seen.ref, seen.anonymous) == (ContactRef("web", external_id), anonymous)


def test_an_order_with_lines_and_refunds():
    _, placed, refund = read(sample("api", "order"))
    assert (placed.external_id, placed.number, placed.total_minor, placed.shipping_minor) == (
        "A-77",
        "A/77/2024",
        11248,
        1250,
    )
    assert [(line.unit_price_minor, line.total_minor) for line in placed.lines] == [(8999, 8999), (500, 999)]
    assert placed.placed_at < placed.updated_at
    assert (refund.refund_id, refund.amount_minor, refund.currency, refund.external_id) == ("R-1", 999, "PLN", "A-77")


@pytest.mark.parametrize(
    ("part", "total"),
    [
        ({"total": "10.5"}, 1050),
        ({"total": 10.5}, 1050),
        ({"total": -3}, -300),
        ({"lines": [{"quantity": 2, "unit_price": "1.25"}], "shipping": "5", "tax": 1, "discount": "0.5"}, 800),
        ({"lines": [{"quantity": -1, "unit_price": "10"}], "kind": "return"}, -1000),
        ({}, 0),
    ],
)
def test_the_total_of_an_order(part: dict[str, Any], total: int):
    _, placed = said("order", {"id": "1", "currency": "PLN"} | part)
    assert placed.total_minor == total


def test_currencies_without_minor_units():
    _, placed = said("order", {"id": "1", "currency": "JPY", "total": "1200"})
    assert placed.total_minor == 1200


def test_a_cart_change():
    _, cart = read(sample("api", "cart"))
    assert (cart.action, cart.unit_price_minor, cart.currency, cart.cart_id) == ("added", 8999, "PLN", "c-5")
    assert cart.ref.is_device


def test_a_message_is_its_own_conversation_unless_said():
    _, message = said("message", {"channel": "chat", "direction": "out", "body": "Dzień dobry\nw czym pomóc?"})
    assert (message.message_id, message.conversation_id, message.body) == ("e-1", "e-1", "Dzień dobry\nw czym pomóc?")
    _, message = read(sample("api", "message"))
    assert (message.conversation_id, message.direction) == ("call-9", "in")


def test_a_consent_is_about_the_address_it_names_else_the_channels():
    _, consent = read(sample("api", "consent"))
    assert consent.identifier == Identifier("email", "lucja.kania@example.com")
    assert (consent.evidence_grade, consent.statement_id, consent.notice) == ("B", "evt-4", "v3")
    part = {"purpose": "offers", "channel": "sms", "state": "withdrawn"}
    own = {"identifier": {"kind": "phone", "value": "601700801"}}
    _, consent = said("consent", part | own)
    assert (consent.identifier.value, consent.evidence_grade) == ("601700801", "D")
    with pytest.raises(Unreadable, match="channel sms needs"):
        said("consent", part)


def test_an_activity():
    _, activity = read(sample("api", "activity"))
    assert (activity.kind, activity.title, activity.properties) == (
        "quiz.finished",
        "Which kettle are you?",
        {"score": 7},
    )


@pytest.mark.parametrize(
    "kind", [*(f"{group}.x" for group in RESERVED_GROUPS), "", "quiz", "Quiz.done", "a..b", "a." + "b" * 50]
)
def test_kinds_an_activity_cannot_have(kind: str):
    with pytest.raises(Unreadable, match="dotted lower-case"):
        said("activity", {"kind": kind})


@pytest.mark.parametrize(
    ("kind", "part", "words"),
    [
        ("order", {"currency": "PLN"}, "needs an id"),
        ("order", {"id": "1"}, "currency"),
        ("order", {"id": "1", "currency": "PLN", "status": "lost"}, "status must be one of"),
        ("order", {"id": "1", "currency": "PLN", "refunds": [{"amount": 1}]}, "A refund needs an id"),
        ("cart", {"action": "stolen"}, "action must be one of"),
        ("message", {"channel": "fax", "direction": "in"}, "channel must be one of"),
        ("message", {"channel": "chat", "direction": "up"}, "direction must be one of"),
        ("consent", {"channel": "email", "state": "given"}, "needs a purpose"),
        ("dance", {}, "Unknown type 'dance'"),
    ],
)
def test_parts_that_cannot_be_read(kind: str, part: dict[str, Any], words: str):
    with pytest.raises(Unreadable, match=words):
        said(kind, part, identifiers=[{"kind": "email", "value": "a@b.pl"}])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"external_id": None}, "Nobody is named"),
        ({"external_id": "undefined"}, "Nobody is named"),
        ({"identifiers": [{"kind": "fax", "value": "1"}]}, "Unknown kind of identifier"),
        ({"identifiers": [{"kind": "email", "value": "null"}]}, "no usable value"),
        ({"occurred_at": "yesterday"}, "is no time"),
        ({"occurred_at": "2024-06-03T00:00:00Z"}, "in the future"),
    ],
)
def test_events_that_cannot_be_read(more: dict[str, Any], words: str):
    with pytest.raises(Unreadable, match=words):
        said("activity", {"kind": "quiz.finished"}, **more)


def test_clocks_may_differ_by_a_little():
    seen, activity = said("activity", {"kind": "a.b"}, occurred_at="2024-06-01T20:00:00Z")
    assert isinstance(seen, facts.ContactSeen)
    assert activity.occurred_at > RECEIVED_AT
    assert said("activity", {"kind": "a.b"})[1].occurred_at == AT
