"""What became of mail we sent: noted once, and an address that must be left alone is, whatever was consented to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from crm360.consents import operations, queries, suppressing
from crm360.consents.digests import digest, key_id
from crm360.consents.models import Suppression
from crm360.consents.policy import SUPPRESSIONS, decide
from crm360.facts import ConsentStated, ContactRef, ContactSeen, Identifier, MailingEvent, Received
from crm360.identity import operations as identity
from crm360.identity import queries as identity_queries
from crm360.profiles.models import TimelineEntry

START = datetime(2026, 1, 10, 12, tzinfo=UTC)
REF = ContactRef("esp", "email:anna@example.com")
ANNA = Identifier("email", "Anna@Example.com")


@pytest.fixture
def anna(session: Any, now: datetime) -> tuple[int, int]:
    """(profile id, contact id)"""
    seen = ContactSeen(ref=REF, occurred_at=START, identifiers=(ANNA,))
    recorded = identity.record_contacts(seen=[seen], now=now)
    identity.resolve(contact_ids=recorded.changed, before=recorded.before, now=now)
    contact_id = recorded.ids[REF]
    return identity_queries.profile_ids([contact_id])[contact_id], contact_id


def event(kind: Any = "hard_bounced", days: int = 0, **said: Any) -> MailingEvent:
    return MailingEvent(**{
        "ref": REF, "source": "esp", "address": "ANNA@example.com", "kind": kind, "event_id": f"{kind}{days}",
        "occurred_at": START + timedelta(days=days), **said,
    })  # fmt: skip


def record(anna: tuple[int, int], now: datetime, *events: MailingEvent) -> None:
    suppressing.record_mailings(received=[Received(anna[1], 5, each) for each in events], now=now)


def consent(anna: tuple[int, int], now: datetime, grade: Any = "A", days: int = 0) -> None:
    fact = ConsentStated(
        ref=REF, identifier=ANNA, purpose="marketing", channel="email", state="given", source="esp",
        occurred_at=START + timedelta(days=days), evidence_grade=grade,
    )  # fmt: skip
    operations.record_statements(received=[Received(anna[1], 5, fact)], now=now)


def cell(anna: tuple[int, int], now: datetime) -> queries.ConsentCell:
    (found,) = queries.matrix(anna[0], now=now)
    return found


def rows(session: Any) -> list[Suppression]:
    return list(session.scalars(select(Suppression).execution_options(populate_existing=True)))


@pytest.mark.parametrize("kind", ["sent", "delivered", "deferred", "soft_bounced", "blocked", "opened", "clicked"])
def test_what_passes_is_noted_once_and_suppresses_nobody(session: Any, anna: Any, now: datetime, kind: str) -> None:
    for _ in range(3):
        record(anna, now, event(kind, reason="Mailbox full"), event(kind, reason="Mailbox full"))
    (entry,) = session.scalars(select(TimelineEntry))
    assert (entry.kind, entry.occurred_at, entry.payload_id) == (f"email.{kind}", START, 5)
    assert entry.properties["reason"] == "Mailbox full"
    assert (rows(session), queries.matrix(anna[0], now=now)) == ([], [])


@pytest.mark.parametrize("kind", SUPPRESSIONS)
def test_a_suppressed_address_is_left_alone_though_its_owner_consented(
    session: Any, anna: Any, now: datetime, kind: str
) -> None:
    consent(anna, now, days=-30)
    assert cell(anna, now).verdict.permitted
    record(anna, now, event(kind))
    verdict = cell(anna, now).verdict
    assert (verdict.permitted, verdict.state, verdict.reason, verdict.since) == (False, "suppressed", kind, START)


def test_only_a_keyed_digest_of_the_address_is_kept(app: Any, session: Any, anna: Any, now: datetime) -> None:
    record(anna, now, event())
    (row,) = rows(session)
    key = app.config["SETTINGS"].suppression_keys[0]
    assert (row.digest, row.key_id) == (digest(key, "anna@example.com"), key_id(key))
    assert (row.channel, row.reason, row.since, row.source, row.payload_id) == (
        "email",
        "hard_bounced",
        START,
        "esp",
        5,
    )
    assert "anna" not in repr([getattr(row, column.name) for column in Suppression.__table__.columns])


def test_whatever_comes_first_it_counts_from_the_earliest(session: Any, anna: Any, now: datetime) -> None:
    for order in permutations([event(days=3), event(days=1), event(days=2)]):
        for each in order:
            record(anna, now, each)
    assert len(rows(session)) == 3, "each event is kept once"
    assert cell(anna, now).verdict.since == START + timedelta(days=1)


def test_who_unsubscribes_again_after_subscribing_anew_is_heard_again(anna: Any, now: datetime) -> None:
    for day, happens in enumerate((event("unsubscribed"), "A", event("unsubscribed", days=2))):
        consent(anna, now, grade="A", days=day) if happens == "A" else record(anna, now, happens)
        assert cell(anna, now).verdict.permitted == (happens == "A")


def test_who_unsubscribed_may_subscribe_again_with_proof_who_complained_may_not(anna: Any, now: datetime) -> None:
    record(anna, now, event("unsubscribed"))
    consent(anna, now, grade="B", days=2)
    assert not cell(anna, now).verdict.permitted
    consent(anna, now, grade="A", days=3)
    assert cell(anna, now).verdict.permitted
    record(anna, now, event("complained", days=4))
    assert cell(anna, now).verdict.reason == "complained"


def test_an_address_nobody_asked_about_says_why_it_is_left_alone(anna: Any, now: datetime) -> None:
    record(anna, now, event())
    found = cell(anna, now)
    assert (found.purpose, found.channel, found.verdict.reason) == ("marketing", "email", "hard_bounced")


def test_the_digest_outlives_the_key_that_made_it(session: Any, anna: Any, now: datetime, monkeypatch: Any) -> None:
    record(anna, now, event())
    old = suppressing.dialects.suppression_keys(session)
    monkeypatch.setattr(suppressing.dialects, "suppression_keys", lambda _session: ("n" * 40, *old))
    assert cell(anna, now).verdict.reason == "hard_bounced"
    monkeypatch.setattr(suppressing.dialects, "suppression_keys", lambda _session: ("n" * 40,))
    assert queries.matrix(anna[0], now=now) == []
    monkeypatch.setattr(suppressing.dialects, "suppression_keys", lambda _session: ())
    with pytest.raises(suppressing.NoKey):
        record(anna, now, event("complained"))


@pytest.mark.parametrize("order", list(permutations(SUPPRESSIONS)))
def test_the_gravest_reason_is_told(order: tuple[str, ...]) -> None:
    suppressed = [SimpleNamespace(reason=reason, since=START) for reason in order]
    assert decide([], now=START, suppressed=suppressed).reason == "complained"
    assert decide([], now=START - timedelta(days=1), suppressed=suppressed).state == "unknown"
