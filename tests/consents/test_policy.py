"""May we write? The rules of the ledger as a table, and what no order of statements may ever do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.consents.policy import REASONS, REFUSALS, decide

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=100)


@dataclass(frozen=True)
class Act:
    id: int
    state: str
    evidence_grade: str
    occurred_at: datetime
    recorded_at: datetime = NOW
    invalidates_id: int | None = None


def acts(*said: tuple[str, str, int]) -> list[Act]:
    """`(state, grade, minutes after the start)`, numbered from 1."""
    return [
        Act(number, state, grade, START + timedelta(minutes=minutes))
        for number, (state, grade, minutes) in enumerate(said, 1)
    ]


G, W = "given", "withdrawn"
CASES = [
    # statements → permitted, state, reason, evidence
    ([], False, "unknown", "nothing_stated", ()),
    ([("unknown", "D", 0)], False, "unknown", "nothing_stated", (1,)),
    ([(G, "A", 0)], True, "given", "consent_given", (1,)),
    ([(G, "B", 0)], True, "given", "consent_given", (1,)),
    ([(G, "C", 0)], True, "given", "consent_given", (1,)),
    ([(G, "D", 0)], False, "imported_unverified", "unproven", (1,)),
    ([("pending_confirmation", "B", 0)], False, "pending_confirmation", "unconfirmed", (1,)),
    ([("pending_confirmation", "B", 0), (G, "A", 9)], True, "given", "consent_given", (2,)),
    ([(W, "D", 0)], False, "withdrawn", "withdrawn", (1,)),
    ([("refused", "B", 0)], False, "refused", "refused", (1,)),
    ([(G, "A", 0), (W, "D", 60)], False, "withdrawn", "withdrawn", (2,)),
    ([(W, "B", 0), (G, "A", 60)], True, "given", "consent_renewed", (2, 1)),
    ([(W, "B", 0), (G, "B", 60)], False, "withdrawn", "withdrawal_outweighs", (1, 2)),
    ([(W, "B", 0), (G, "C", 60)], False, "withdrawn", "withdrawal_outweighs", (1, 2)),
    ([(W, "B", 0), (G, "D", 60)], False, "withdrawn", "withdrawn", (1,)),
    ([(W, "B", 0), (G, "A", 0)], False, "withdrawn", "withdrawn", (1,)),
    ([(W, "B", 0), (G, "A", 4)], False, "withdrawn", "withdrawal_outweighs", (1, 2)),
    ([(W, "B", 0), (G, "A", 5)], True, "given", "consent_renewed", (2, 1)),
    ([(W, "B", 0), (G, "A", 60), (G, "B", 90)], True, "given", "consent_renewed", (2, 1)),
    ([(W, "B", 0), (G, "A", 60), ("refused", "C", 90)], False, "refused", "refused", (3,)),
    ([(G, "B", 0), (G, "D", 60)], True, "given", "consent_given", (1,)),
]


@pytest.mark.parametrize(("said", "permitted", "state", "reason", "evidence"), CASES)
def test_the_rules(
    said: list[tuple[str, str, int]], permitted: bool, state: str, reason: str, evidence: tuple[int, ...]
) -> None:
    verdict = decide(acts(*said), now=NOW)
    assert (verdict.permitted, verdict.state, verdict.reason, verdict.evidence) == (permitted, state, reason, evidence)
    assert verdict.explanation == REASONS[reason]


def test_a_verdict_says_since_when() -> None:
    assert decide(acts((G, "B", 0), (G, "B", 90)), now=NOW).since == START
    assert decide(acts((W, "B", 0), (G, "B", 90)), now=NOW).since == START
    assert decide(acts((W, "B", 0), (G, "A", 90)), now=NOW).since == START + timedelta(minutes=90)
    assert decide([], now=NOW).since is None


def test_a_time_to_come_counts_as_the_time_it_was_recorded() -> None:
    wrong_clock = Act(1, "given", "A", START + timedelta(days=900), recorded_at=START)
    withdrawn = Act(2, "withdrawn", "B", START + timedelta(days=1))
    assert not decide([wrong_clock, withdrawn], now=NOW).permitted


def test_as_of_an_earlier_day_later_acts_are_not_known() -> None:
    said = acts((G, "A", 0), (W, "B", 60))
    assert decide(said, now=START + timedelta(minutes=30)).permitted
    assert not decide(said, now=NOW).permitted


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["given", "withdrawn", "refused", "pending_confirmation", "unknown"]),
        st.sampled_from("ABCD"),
        st.integers(0, 30),
    ),
    max_size=6,
).map(lambda said: acts(*said))


@given(ACTS.flatmap(lambda said: st.tuples(st.just(said), st.permutations(said))))
def test_the_order_of_statements_does_not_matter(said: tuple[list[Act], list[Act]]) -> None:
    assert decide(said[0], now=NOW) == decide(said[1], now=NOW)


@given(ACTS, ACTS)
def test_bringing_two_ledgers_together_permits_nothing_either_forbids(one: list[Act], other: list[Act]) -> None:
    """Unless the person consented again, provably, after every no."""
    both = [*one, *(Act(act.id + 100, act.state, act.evidence_grade, act.occurred_at) for act in other)]
    refusals = [act.occurred_at for act in both if act.state in REFUSALS]
    renewed = any(
        act.state == "given" and act.evidence_grade == "A" and act.occurred_at >= max(refusals) + timedelta(minutes=5)
        for act in both
        if refusals
    )
    if decide(both, now=NOW).permitted:
        assert not refusals or renewed
        assert decide(one, now=NOW).permitted or decide(other, now=NOW).permitted


@given(ACTS, st.integers(0, 60), st.sampled_from(["given", "pending_confirmation", "unknown"]))
def test_a_bare_claim_changes_no_permission(said: list[Act], minutes: int, state: str) -> None:
    claim = Act(99, state, "D", START + timedelta(minutes=minutes))
    assert decide([*said, claim], now=NOW).permitted == decide(said, now=NOW).permitted


@given(ACTS, st.integers(0, 60), st.sampled_from(sorted(REFUSALS)), st.sampled_from("ABCD"))
def test_a_no_never_opens_anything(said: list[Act], minutes: int, state: str, grade: str) -> None:
    no = Act(99, state, grade, START + timedelta(minutes=minutes))
    assert decide([*said, no], now=NOW).permitted <= decide(said, now=NOW).permitted


@given(ACTS, st.sets(st.integers(1, 6)))
def test_invalidating_statements_permits_nothing(said: list[Act], void: set[int]) -> None:
    """Whatever is invalidated, refusals among them: what was forbidden stays so, and every refusal stays in force."""
    gone = [Act(100 + number, "invalidated", "C", NOW, invalidates_id=number) for number in sorted(void)]
    before, after = decide(said, now=NOW), decide([*said, *gone], now=NOW)
    assert not after.permitted or before.permitted
    assert not ({act.state for act in said} & REFUSALS) or before.permitted or after.state in REFUSALS
    if {act.id for act in said} <= void:
        assert not after.permitted
