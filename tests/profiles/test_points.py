"""Loyalty points are what sources say, summed over a customer's cards; a segment asks for them as they change."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm360.facts import ContactRef, ContactSeen, Identifier
from crm360.flows import receive, segmenting
from crm360.identity import queries as identity
from crm360.identity.models import Contact
from crm360.inbox import operations as inbox
from crm360.insights.points import summed
from crm360.profiles import points
from crm360.segments import operations, queries

MAILS = ("a@example.com", "a@example.com", "b@example.com", "c@example.com", "d@example.com")
TOLD: tuple[dict[str, Any], ...] = (
    {"points": "1 250"}, {"loyalty_balance": 40}, {"points": 0}, {"colour": "points"}, {"points": "many"},
)  # fmt: skip


def tell(number: str, mail: str, said: dict[str, Any], now: datetime) -> int:
    """What the till says of a card; whose it is."""
    ref = ContactRef("till", number)
    seen = ContactSeen(ref=ref, occurred_at=now, identifiers=(Identifier("email", mail),), attributes=said)
    receive.apply([receive.Read(None, [seen], inbox.ensure_source(name="till", channel="shopify", now=now))], now=now)
    contact = identity.find(ref)
    assert contact is not None
    assert contact.profile_id is not None
    return contact.profile_id


def test_points_are_summed_over_a_customers_cards(session: Any, plain_model: None, now: datetime):
    of = [tell(str(number), mail, said, now) for number, (mail, said) in enumerate(zip(MAILS, TOLD, strict=True))]
    assert points.balances() == {of[1]: 1290, of[2]: 0}
    assert [points.balance_of(identity.contacts_of(each)) for each in of[1:]] == [1290, 0, None, None]
    told = {"customers": 2, "holders": 1, "points": 1290, "median": 1290.0, "p90": 1290.0}
    assert summed(points.balances()) == told
    assert summed({}) is None


@pytest.mark.parametrize(
    ("said", "read"),
    [("1 250", 1250), ("1\u00a0250,90", 1250), (40, 40), (40.9, 40), ("-3", -3), ("007", 7), ("9" * 15, 999_999_999_999_999),
     ("9" * 16, None), ("1.2.3", None), ("1-2", None), (".5", None), ("5.", None), ("-", None), ("", None), ("1e3", None),
     (1e20, None), (True, None), (None, None), ("+5", None), ({"of": 1}, None), ("١٢", None)],
)  # fmt: skip
def test_databases_read_a_number_as_python_does(session: Any, now: datetime, said: Any, read: int | None):
    seen = {"first_seen_at": now, "last_seen_at": now, "created_at": now}
    contact = Contact(source="till", external_id="1", anonymous=True, attributes={"points": {"value": said}}, **seen)
    session.add(contact)
    session.flush()
    assert session.query(points.balance()).filter(Contact.id == contact.id).scalar() == read
    assert points.balance_of([contact]) == read


def test_who_gathers_enough_points_enters_the_segment(session: Any, plain_model: None, now: datetime):
    rule = {"match": {"group": "all", "of": [{"if": "value", "field": "points", "op": "at_least", "value": 1000}]}}
    segment = operations.create(name="Gold", by="Ola", now=now, rule=rule)
    anna = tell("1", "a@example.com", {"points": "900"}, now)
    settle(now)
    assert queries.member_ids(segment.id) == []
    for number, balance, members in (("2", "150", [anna]), ("2", "20", [])):
        now += timedelta(minutes=1)
        assert tell(number, "a@example.com", {"points": balance}, now) == anna
        settle(now)
        assert queries.member_ids(segment.id) == members


def settle(now: datetime) -> None:
    while segmenting.work_off(now=now):
        pass
