"""Each customer has one answer: the address that may be used, or the step a waterfall leaves them at."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm360.consents import operations as consents
from crm360.consents import reaching, stopping, suppressing
from crm360.facts import ConsentStated, ContactRef, ContactSeen, Identifier, MailingEvent, Received
from crm360.identity import operations as identity
from crm360.identity import queries

REF = ContactRef("shop", "id:anna")


@pytest.fixture
def anna(session: Any, now: datetime) -> int:
    return known(now, "anna@example.com", "ania@example.com")


def known(now: datetime, *addresses: str) -> int:
    seen = ContactSeen(ref=REF, occurred_at=now, identifiers=tuple(Identifier("email", each) for each in addresses))
    recorded = identity.record_contacts(seen=[seen], now=now)
    identity.resolve(contact_ids=recorded.changed, before=recorded.before, now=now)
    return recorded.ids[REF]


def say(contact: int, address: str, state: Any, at: datetime, grade: Any = "A") -> None:
    fact = ConsentStated(
        ref=REF, identifier=Identifier("email", address), purpose="marketing", channel="email", state=state,
        occurred_at=at, source="shop", evidence_grade=grade,
    )  # fmt: skip
    consents.record_statements(received=[Received(contact, None, fact)], now=at)


def happened(contact: int, address: str, kind: Any, at: datetime) -> None:
    fact = MailingEvent(ref=REF, source="esp", address=address, kind=kind, occurred_at=at)
    suppressing.record_mailings(received=[Received(contact, None, fact)], now=at)


def reached(contact: int, now: datetime) -> reaching.Reached:
    [profile] = queries.profile_ids([contact]).values()
    [found] = reaching.reach([profile], purpose="marketing", channel="email", now=now)
    return found


def test_the_address_that_may_be_used_is_used(anna: int, now: datetime) -> None:
    day = timedelta(days=1)
    assert (reached(anna, now).step, reached(anna, now).reason) == ("no_consent", "nothing_stated")
    say(anna, "ania@example.com", "given", now - 3 * day)
    found = reached(anna, now)
    assert (found.step, found.normal, found.contact_id) == ("reachable", "ania@example.com", anna)
    assert found.verdict is not None
    assert len(found.verdict.evidence) == 1
    say(anna, "ania@example.com", "withdrawn", now - 2 * day)
    assert reached(anna, now).step == "withdrawn"


@pytest.mark.parametrize(
    ("kind", "step"),
    [("hard_bounced", "undeliverable"), ("complained", "undeliverable"), ("unsubscribed", "withdrawn")],
)
def test_what_mail_came_back_with_counts(session: Any, now: datetime, kind: str, step: str) -> None:
    contact = known(now, "anna@example.com")
    say(contact, "anna@example.com", "given", now - timedelta(days=3))
    happened(contact, "anna@example.com", kind, now - timedelta(days=1))
    assert (reached(contact, now).step, reached(contact, now).reason) == (step, kind)


def test_a_stop_and_nobodys_address(session: Any, anna: int, now: datetime) -> None:
    say(anna, "anna@example.com", "given", now - timedelta(days=3))
    stopping.place(contact_ids=[anna], kind="restriction", since=now, ground="asked", by="jan", now=now)
    assert reached(anna, now).step == "stopped"
    [nobody] = reaching.reach([999], purpose="marketing", channel="email", now=now)
    assert (nobody.step, nobody.reason, nobody.verdict) == ("no_address", "no_address", None)
