"""The partition reached step by step equals the one computed at once, and the database can prove it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from crm360.identity import explaining, operations, rebuilding
from crm360.identity.models import Contact
from tests.identity.people import NOW, profile_of, receive, seen
from tests.identity.test_resolving import STATEMENT, VISIT

pytestmark = pytest.mark.usefixtures("app")

WHO = {"by": "Dana", "now": NOW}


def test_stored_is_recomputed_after_any_arrivals_and_decisions(session: Any, database: str) -> None:
    @settings(
        max_examples=40 if database == "sqlite" else 6, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(
        statements=st.lists(st.one_of(STATEMENT, STATEMENT, VISIT), min_size=2, max_size=12), seed=st.integers(0, 999)
    )
    def holds(statements: list[Any], seed: int) -> None:
        point = session.begin_nested()
        try:
            _arrive_and_decide(statements, random.Random(seed))
            found = rebuilding.rebuild()
            assert found.in_order, found
        finally:
            point.rollback()

    holds()


def _arrive_and_decide(statements: list[Any], rng: random.Random) -> None:
    half = len(statements) // 2
    receive(statements[:half] or statements)
    profiles = sorted({p for one in statements if (p := profile_of(one.ref.external_id))})
    if len(profiles) > 1:
        first, second = rng.sample(profiles, 2)
        decision = rng.choice([operations.merge, operations.distinguish])(profile_ids=[first, second], **WHO)
        receive(statements[half:])
        if rng.random() < 0.5:
            operations.undo(decision_id=decision.decision_id, **WHO)
    receive(statements[half:])


def test_a_tampered_partition_is_found(session: Any) -> None:
    ids = receive([seen("a", "Anna", "Kowalska", email="a@wp.pl"), seen("b", email="a@wp.pl"), seen("c", "Ewa", "Lis")])
    assert rebuilding.rebuild().differences == ()
    session.execute(update(Contact).where(Contact.id == ids["b"]).values(profile_id=profile_of("c")))
    found = rebuilding.rebuild().differences
    assert {contact for each in found for contact in each.contact_ids} == {ids["a"], ids["b"], ids["c"]}


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        (seen("a", "Anna", "Kowalska", email="a@wp.pl"), seen("b", email="a@wp.pl"), "join"),
        (seen("a", "Anna", "Kowalska", email="a@wp.pl"), seen("b", "Piotr", "Kowalski", email="a@wp.pl"), "review"),
        (seen("a", "Anna", "Kowalska"), seen("b", "Ewa", "Lis"), "apart"),
        (seen("a", "Jan", "Nowak", birth_date="1950-01-02", phone="602123456"),
         seen("b", "Jan", "Nowak", birth_date="1982-07-19", phone="602123456"), "conflict"),
    ],
)  # fmt: skip
def test_why_and_why_not(left: Any, right: Any, verdict: str) -> None:
    ids = receive([left, right])
    found = explaining.explain(left_id=ids["a"], right_id=ids["b"])
    assert found.verdict == verdict
    assert found.together == (verdict == "join")
    total = found.prior + sum(row["bits"] for row in found.evidence)
    assert found.capped or found.weight == pytest.approx(total)


def test_the_path_tells_what_joined_two_contacts_that_share_nothing() -> None:
    ids = receive([
        seen("a", "Anna", "Kowalska", email="a@wp.pl"),
        seen("b", "Anna", "Kowalska", email="a@wp.pl", phone="602123456"),
        seen("c", phone="602123456"),
    ])  # fmt: skip
    steps = explaining.path(left_id=ids["a"], right_id=ids["c"])
    assert [{step.left_id, step.right_id} for step in steps] == [{ids["a"], ids["b"]}, {ids["b"], ids["c"]}]
    assert explaining.path(left_id=ids["a"], right_id=receive([seen("x", "Ewa", "Lis")])["x"]) == []


def test_a_decision_is_a_step_of_the_path() -> None:
    ids = receive([seen("a", "Anna", "Kowalska"), seen("b", "Ewa", "Lis")])
    merged = operations.merge(profile_ids=[profile_of("a") or 0, profile_of("b") or 0], **WHO)
    (step,) = explaining.path(left_id=ids["a"], right_id=ids["b"])
    assert (step.decision_id, step.weight) == (merged.decision_id, None)
    assert explaining.explain(left_id=ids["a"], right_id=ids["b"]).verdict == "decided"
