"""Browsers come, go, and turn out to be gone; whatever the order in which we hear of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

from crm360.facts import ContactRef, ContactSeen, PushEnded, PushSubscribed, Received
from crm360.identity import operations as identity
from crm360.push import operations
from crm360.push.models import Subscription

REF = ContactRef("web", "anon:d")


def contact(now: datetime) -> int:
    return identity.record_contacts(seen=[ContactSeen(ref=REF, occurred_at=now, anonymous=True)], now=now).ids[REF]


def hear(fact: PushSubscribed | PushEnded, whose: int, now: datetime) -> None:
    if isinstance(fact, PushSubscribed):
        operations.record_subscriptions(received=[Received(whose, None, fact)], now=now)
    else:
        operations.record_endings(received=[Received(whose, None, fact)], now=now)


def subscribed(at: datetime, auth: str = "a") -> PushSubscribed:
    return PushSubscribed(ref=REF, device="d", endpoint="https://p.example/1", p256dh="p", auth=auth, occurred_at=at)


def stored(session: Any) -> tuple[str, str, bool]:
    session.expire_all()
    row = session.scalars(select(Subscription)).one()
    return row.auth, row.ended_reason, row.ended_at is not None


@pytest.mark.parametrize("order", [order for order in permutations(range(3)) if order[0] != 1])
def test_the_newest_word_counts(session: Any, now: datetime, order: tuple[int, ...]) -> None:
    ended = PushEnded(ref=REF, endpoint="https://p.example/1", occurred_at=now + timedelta(minutes=1))
    steps = [subscribed(now, "old"), ended, subscribed(now + timedelta(minutes=2), "new")]
    whose = contact(now)
    for step in order:
        hear(steps[step], whose, now)
    assert stored(session) == ("new", "", False)


def test_a_browser_that_is_gone_gets_no_more_until_it_comes_again(session: Any, now: datetime) -> None:
    whose = contact(now)
    hear(subscribed(now), whose, now)
    number = session.scalar(select(Subscription.id))
    operations.settle(subscription_id=number, outcome="refused", now=now)
    assert session.scalar(select(Subscription.failures)) == 1
    operations.settle(subscription_id=number, outcome="sent", now=now)
    assert session.scalar(select(Subscription.failures)) == 0
    operations.settle(subscription_id=number, outcome="gone", now=now)
    assert stored(session) == ("a", "gone", True)
    hear(subscribed(now), whose, now)
    assert stored(session) == ("a", "gone", True), "the same word again is no new one"
    hear(subscribed(now + timedelta(days=1)), whose, now)
    assert stored(session) == ("a", "", False)
    assert operations.end(subscription_id=number, reason="staff", now=now + timedelta(days=2))
    assert not operations.end(subscription_id=number, reason="staff", now=now + timedelta(days=3))
