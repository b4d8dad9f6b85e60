"""What the officer reads of the whole ledger: what was withdrawn, by when it happened and by when we learned of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm360.consents import leaving, operations, outlook
from crm360.facts import ConsentStated, ContactRef, Identifier, Received
from tests.consents.twin import Twin

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WEEK = NOW - timedelta(days=7)
LATELY, LONG_AGO = NOW - timedelta(days=1), NOW - timedelta(days=90)
SHARED = "home@example.com"


@pytest.fixture
def people(session: Any) -> tuple[int, int]:
    """Two customers with one address between them, and one address of the first alone."""
    twin = Twin(session)
    return twin.arrive([SHARED, "anna@example.com"]), twin.arrive([SHARED])


def say(
    contact_id: int, address: str, state: Any, *, happened: datetime, recorded: datetime, purpose: str = "marketing"
) -> None:
    fact = ConsentStated(
        ref=ContactRef("shop", "x"), identifier=Identifier("email", address), purpose=purpose, channel="email", state=state,
        source="shop", occurred_at=happened, evidence_grade="A",
    )  # fmt: skip
    operations.record_statements(received=[Received(contact_id, None, fact)], now=recorded)


def test_addresses_are_counted_once_by_each_of_the_two_times(people: tuple[int, int]):
    anna, other = people
    assert outlook.withdrawn_since(WEEK) == (0, 0)
    say(anna, "anna@example.com", "given", happened=LATELY, recorded=LATELY)
    assert outlook.withdrawn_since(WEEK) == (0, 0)
    say(anna, "anna@example.com", "withdrawn", happened=LONG_AGO, recorded=LATELY)
    assert outlook.withdrawn_since(WEEK) == (0, 1), "a list that arrives late"
    say(anna, "anna@example.com", "refused", happened=LATELY, recorded=LATELY, purpose="newsletter")
    assert outlook.withdrawn_since(WEEK) == (1, 1), "the same address"
    say(other, SHARED, "withdrawn", happened=LONG_AGO, recorded=LONG_AGO)
    assert outlook.withdrawn_since(WEEK) == (1, 1)
    assert outlook.withdrawn_since(LONG_AGO) == (2, 2)


def test_a_refusal_kept_for_who_stays_is_no_new_one(people: tuple[int, int]):
    _, other = people
    say(other, SHARED, "refused", happened=LONG_AGO, recorded=LONG_AGO, purpose="profiling")
    leaving.forget(contact_ids=[other], now=LATELY)
    assert outlook.withdrawn_since(WEEK) == (0, 0)
