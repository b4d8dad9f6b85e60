"""Stops stand above every consent: of a person after a merge both sides' count, and each lifts by a word of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DatabaseError

from crm360.consents import operations, queries, stopping
from crm360.consents.models import Stop
from crm360.consents.policy import decide
from crm360.consents.purposes import DEFAULTS, Purpose
from crm360.facts import ConsentStated, ContactRef, Identifier, Received
from crm360.identity.models import Contact, ContactIdentifier, Profile

NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Act:
    id: int = 1
    state: str = "given"
    evidence_grade: str = "A"
    occurred_at: datetime = NOW - 10 * DAY
    recorded_at: datetime = NOW - 10 * DAY
    method: str = "form"
    invalidates_id: int | None = None


@dataclass(frozen=True)
class Standing:
    kind: str
    since: datetime = NOW - DAY
    until: datetime | None = None


MARKETING, SERVICE, LOYALTY = (DEFAULTS[code] for code in ("marketing", "service", "loyalty"))
INTERESTS = Purpose(code="fraud", basis="legitimate_interests", balancing_ref="doc 4", commercial=False)


@pytest.mark.parametrize(
    ("purpose", "stop", "permitted"),
    [
        (MARKETING, Standing("objection_marketing"), False),
        (SERVICE, Standing("objection_marketing"), True),
        (INTERESTS, Standing("objection_interests"), False),
        (MARKETING, Standing("objection_interests"), True),
        (SERVICE, Standing("restriction"), False),
        (MARKETING, Standing("deceased"), False),
        (SERVICE, Standing("erased"), False),
        (MARKETING, Standing("conflict"), False),
        (MARKETING, Standing("minor"), False),
        (SERVICE, Standing("minor"), True),
        (MARKETING, Standing("restriction", since=NOW + DAY), True),
        (MARKETING, Standing("restriction", until=NOW), True),
        (MARKETING, Standing("restriction", until=NOW + DAY), False),
    ],
)
def test_a_stop_stops_what_it_is_about(purpose: Purpose, stop: Standing, permitted: bool) -> None:
    verdict = decide([Act()], now=NOW, stops=[stop], purpose=purpose)
    assert verdict.permitted == permitted
    if not permitted:
        assert (verdict.state, verdict.reason, verdict.since) == ("stopped", stop.kind, stop.since)
        assert verdict.explanation


def test_the_gravest_stop_is_named() -> None:
    stops = [Standing("objection_marketing"), Standing("restriction"), Standing("conflict")]
    assert decide([Act()], now=NOW, stops=stops, purpose=MARKETING).reason == "restriction"


def test_of_a_minor_a_guardian_consents() -> None:
    acts = [Act(method="guardian, signed paper")]
    assert decide(acts, now=NOW, stops=[Standing("minor")], purpose=MARKETING).permitted


@pytest.mark.parametrize(
    ("grade", "months", "age", "reason"),
    [
        ("C", None, 3650, "consent_given"),
        ("B", None, 1, "too_weak"),
        ("C", 12, 364, "consent_given"),
        ("C", 12, 366, "consent_expired"),
    ],
)
def test_a_purpose_says_how_much_proof_it_needs_and_how_long_it_lasts(
    grade: Any, months: int | None, age: int, reason: str
) -> None:
    purpose = Purpose(code="x", min_grade=grade, validity_months=months)
    act = Act(evidence_grade="C", occurred_at=NOW - age * DAY, recorded_at=NOW - age * DAY)
    verdict = decide([act], now=NOW, purpose=purpose)
    assert (verdict.reason, verdict.permitted) == (reason, reason == "consent_given")


def test_a_consent_of_the_last_of_january_lasts_to_the_last_of_february() -> None:
    given = datetime(2026, 1, 31, 12, tzinfo=UTC)
    purpose, acts = Purpose(code="x", validity_months=1), [Act(occurred_at=given, recorded_at=given)]
    end = datetime(2026, 2, 28, 12, tzinfo=UTC)
    assert decide(acts, now=end - timedelta(seconds=1), purpose=purpose).permitted
    assert decide(acts, now=end, purpose=purpose).reason == "consent_expired"


def test_another_ground_needs_no_consent_and_a_refusal_still_counts() -> None:
    assert decide([], now=NOW, purpose=LOYALTY).reason == "other_basis"
    assert decide([Act(state="withdrawn")], now=NOW, purpose=LOYALTY).reason == "withdrawn"


def test_the_soft_opt_in_is_no_ground_in_poland() -> None:
    assert not decide([], now=NOW, purpose=Purpose(code="x", basis="soft_opt_in")).permitted
    assert decide([], now=NOW, purpose=Purpose(code="x", basis="soft_opt_in", jurisdictions=("DE",))).permitted


@pytest.fixture
def two(session: Any, now: datetime) -> tuple[list[int], list[int]]:
    """Two profiles with a contact each, both with an e-mail that may be written to."""
    profiles = sorted(session.scalars(insert(Profile).returning(Profile.id), [{"created_at": now}] * 2).all())
    seen = {"first_seen_at": now, "last_seen_at": now}
    rows = [{"source": "shop", "external_id": str(p), "profile_id": p, "created_at": now, **seen} for p in profiles]
    contacts = list(session.scalars(insert(Contact).returning(Contact.id, sort_by_parameter_order=True), rows))
    for contact in contacts:
        address = f"c{contact}@example.com"
        row = {"contact_id": contact, "kind": "email", "value": address, "normal": address, "verified": False}
        session.execute(insert(ContactIdentifier), [row | seen])
        fact = ConsentStated(
            ref=ContactRef("shop", str(contact)), identifier=Identifier("email", address), purpose="marketing",
            channel="email", state="given", occurred_at=now - DAY, source="shop", evidence_grade="A",
        )  # fmt: skip
        operations.record_statements(received=[Received(contact, None, fact)], now=now)
    return profiles, contacts


def reasons(profile_id: int, now: datetime) -> set[str]:
    return {cell.verdict.reason for cell in queries.matrix(profile_id, now=now)}


def test_after_a_merge_the_stops_of_both_count_and_after_a_split_each_keeps_its_own(
    session: Any, two: tuple[list[int], list[int]], now: datetime
) -> None:
    (one, other), (_, his) = two
    placed = stopping.place(
        contact_ids=[his], kind="objection_marketing", since=now, ground="letter", by="charlie", now=now
    )
    assert (reasons(one, now), reasons(other, now)) == ({"consent_given"}, {"objection_marketing"})
    session.execute(update(Contact).where(Contact.id == his).values(profile_id=one))
    assert reasons(one, now) == {"objection_marketing"}
    session.execute(update(Contact).where(Contact.id == his).values(profile_id=other))
    assert (reasons(one, now), reasons(other, now)) == ({"consent_given"}, {"objection_marketing"})
    assert stopping.lift(stop_ids=placed, by="charlie", reason="taken back in writing", now=now) == 1
    assert stopping.lift(stop_ids=placed, by="charlie", reason="again", now=now) == 0
    assert reasons(other, now) == {"consent_given"}


def test_a_stop_is_final_and_needs_its_ground(session: Any, two: tuple[list[int], list[int]], now: datetime) -> None:
    _, (hers, _) = two
    for kind, ground in (("objection_marketing", " "), ("whim", "x")):
        with pytest.raises(stopping.UnusableStop):
            stopping.place(contact_ids=[hers], kind=kind, since=now, ground=ground, by="charlie", now=now)
    (stop,) = stopping.place(contact_ids=[hers], kind="restriction", since=now, ground="art. 18", by="charlie", now=now)
    with pytest.raises(DatabaseError, match="final"), session.begin_nested():
        session.execute(update(Stop).values(kind="conflict"))
    with pytest.raises(stopping.UnusableStop):
        stopping.lift(stop_ids=[stop], by="charlie", reason="", now=now)
    with pytest.raises(stopping.StopNotFound):
        stopping.lift(stop_ids=[stop + 1], by="charlie", reason="x", now=now)
    assert session.scalars(select(Stop.kind)).all() == ["restriction"]
