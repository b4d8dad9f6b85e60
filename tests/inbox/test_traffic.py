"""How much of each source arrived when, held against the plain count."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm360.inbox import operations as inbox
from crm360.inbox import traffic
from crm360.inbox.models import Payload
from crm360.inbox.operations import NewPayload


def keep(name: str, number: int, at: datetime) -> int:
    source = inbox.ensure_source(name=name, channel="tracking", now=at)
    inbox.keep(source_id=source.id, channel="tracking", items=[NewPayload(f"id:{number}", b"{}")], now=at)
    return source.id


def test_hours_are_those_in_which_payloads_came(session: Any, now: datetime):
    ages = [30, 25, 23.9, 23.5, 5.2, 5.1, 0.9, 0.5, 0]  # hours
    till = keep("till", 1, now - timedelta(hours=40))
    (web,) = {keep("web", number, now - timedelta(hours=age)) for number, age in enumerate(ages)}
    silent = inbox.ensure_source(name="silent", channel="tracking", now=now).id
    found = traffic.traffic([web, till, silent], now=now)
    expected = [0] * 24
    for age in ages[2:]:
        expected[min(int(24 - age), 23)] += 1
    assert found[web].hours == expected
    assert (found[web].day, found[web].hour, found[web].last_at) == (7, 3, now)
    assert (found[till].day, found[till].last_at) == (0, now - timedelta(hours=40))
    assert (found[silent].day, found[silent].last_at) == (0, None)


def test_an_empty_inbox_has_no_traffic(session: Any, now: datetime):
    assert traffic.first_since(now) is None
    assert traffic.tail() == []
    assert traffic.traffic([], now=now) == {}


@pytest.mark.parametrize("age", [0, 1, 9, 10, 11, 100])
def test_the_first_payload_since_a_moment_is_found(session: Any, now: datetime, age: int):
    for number in range(11):
        keep("web", number, now - timedelta(hours=10 - number))
    at = now - timedelta(hours=age)
    plain = session.scalar(select(Payload.id).where(Payload.received_at >= at).order_by(Payload.id).limit(1))
    assert traffic.first_since(at) == plain


def test_the_tail_of_one_source(session: Any, now: datetime):
    till = keep("till", 1, now - timedelta(days=9))
    keep("till", 2, now - timedelta(days=8, hours=23))
    for number in range(5):
        keep("web", number, now - timedelta(hours=5 - number))
    assert [each.source_id for each in traffic.tail(source_id=till, limit=5)] == [till, till]
    assert len(traffic.tail(limit=3)) == 3
