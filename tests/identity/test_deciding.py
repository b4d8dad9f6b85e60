"""Decisions of people: they hold, they can be taken back, and what came since goes where it belongs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm360.identity import operations, queries
from tests.identity.people import NOW, groups, partition, profile_of, receive, seen

pytestmark = pytest.mark.usefixtures("app")

WHO = {"by": "Dana", "now": NOW}


def _profile(external_id: str) -> int:
    profile = profile_of(external_id)
    assert profile is not None
    return profile


def test_merge_then_undo_months_later_gives_everything_back() -> None:
    receive(
        [
            seen("a1", "Anna", "Kowalska", email="a@wp.pl"),
            seen("a2", email="a@wp.pl"),
            seen("b1", "Ania", "Lis", phone="602123456"),
        ]
    )
    first, second = _profile("a1"), _profile("b1")
    merged = operations.merge(profile_ids=[second, first], reason="married", **WHO)
    assert partition() == groups(["a1", "a2", "b1"])
    assert queries.current(second) == _profile("b1") == min(first, second)
    receive(
        [seen("a3", email="a@wp.pl", at=9), seen("b2", phone="602123456", at=9), seen("b3", phone="602123456", at=9)]
    )
    assert partition() == groups(["a1", "a2", "a3", "b1", "b2", "b3"])
    operations.undo(decision_id=merged.decision_id, **WHO)
    assert partition() == groups(["a1", "a2", "a3"], ["b1", "b2", "b3"])
    assert (_profile("a1"), _profile("b1")) == (first, second), "each has the id it had before"
    assert queries.current(second) == second


def test_a_split_holds_against_new_evidence_until_it_is_undone() -> None:
    ids = receive([seen(x, "Jan", "Nowak", email="nowak@wp.pl") for x in "abc"])
    profile = _profile("a")
    split = operations.split(profile_id=profile, contact_ids=[ids["c"]], **WHO)
    assert partition() == groups("ab", "c")
    assert _profile("a") == profile, "the larger part keeps the id"
    receive([seen("a", phone="602123456", at=9), seen("c", phone="602123456", at=9), seen("d", email="nowak@wp.pl")])
    assert {"a", "c"} - next(group for group in partition() if "a" in group) == {"c"}
    operations.undo(decision_id=split.decision_id, **WHO)
    assert partition() == groups("abcd")


def test_different_is_remembered_and_leaves_the_review_list() -> None:
    receive([seen("a", "Anna", "Kowalska", email="dom@wp.pl"), seen("b", "Piotr", "Kowalski", email="dom@wp.pl")])
    (review,) = queries.open_reviews(limit=10)
    assert {review.left_profile_id, review.right_profile_id} == {_profile("a"), _profile("b")}
    assert [found.profile_id for found in queries.lookalikes(_profile("a"))] == [_profile("b")]
    operations.decide(left_id=review.left_contact_id, right_id=review.right_contact_id, same=False, **WHO)
    assert queries.open_reviews(limit=10) == []
    receive([seen("a", phone="602123456", at=5), seen("b", phone="602123456", at=5), seen("a", "Piotr", at=6)])
    assert partition() == groups("a", "b")


def test_the_later_word_counts_and_undoing_it_lets_the_earlier_stand() -> None:
    receive([seen("a", "Anna", "Kowalska"), seen("b", "Anna", "Lis")])
    operations.distinguish(profile_ids=[_profile("a"), _profile("b")], **WHO)
    merged = operations.merge(profile_ids=[_profile("a"), _profile("b")], **WHO)
    assert partition() == groups("ab")
    operations.undo(decision_id=merged.decision_id, **WHO)
    assert partition() == groups("a", "b")


def test_history_tells_who_did_what_and_whether_it_can_be_undone() -> None:
    receive([seen("a", "Anna", "Kowalska"), seen("b", "Anna", "Lis")])
    pair = (_profile("a"), _profile("b"))
    merged = operations.merge(profile_ids=pair, reason="same phone voice", **WHO)
    (item,) = [step for step in queries.history(_profile("a")) if step.decision_id]
    assert (item.kind, item.made_by, item.reason, item.can_undo) == ("merge", "Dana", "same phone voice", True)
    assert set(item.profile_ids) == set(pair)
    operations.undo(decision_id=merged.decision_id, by="Alice", now=NOW)
    (item,) = [step for step in queries.history(_profile("a")) if step.decision_id]
    assert (item.can_undo, item.undone_by) == (False, "Alice")


def _merged_twice(profile: int, other: int) -> None:
    made = operations.merge(profile_ids=[profile, other], **WHO)
    operations.undo(decision_id=made.decision_id, **WHO)
    operations.undo(decision_id=made.decision_id, **WHO)


@pytest.mark.parametrize(
    ("attempt", "error"),
    [
        (lambda a, b, _: operations.merge(profile_ids=[a, a], **WHO), operations.CannotDecide),
        (lambda a, b, _: operations.merge(profile_ids=[a, 10**9], **WHO), queries.ProfileNotFound),
        (lambda a, b, _: operations.split(profile_id=a, contact_ids=[], **WHO), operations.CannotDecide),
        (lambda a, b, ids: operations.split(profile_id=a, contact_ids=[ids["a"]], **WHO), operations.CannotDecide),
        (lambda a, b, ids: operations.split(profile_id=a, contact_ids=[ids["b"]], **WHO), operations.CannotDecide),
        (lambda a, b, _: operations.undo(decision_id=10**9, **WHO), operations.DecisionNotFound),
        (lambda a, b, _: _merged_twice(a, b), operations.AlreadyUndone),
    ],
    ids=["itself", "unknown profile", "nothing", "everything", "another's record", "unknown decision", "undone twice"],
)
def test_decisions_that_make_no_sense_are_refused(attempt: Any, error: type[Exception]) -> None:
    ids = receive([seen("a", "Anna", "Kowalska"), seen("b", "Ewa", "Lis")])
    with pytest.raises(error):
        attempt(_profile("a"), _profile("b"), ids)


STATEMENT = st.builds(
    lambda n, given_name, email, phone, at: seen(str(n), given_name, "Nowak", email=email, phone=phone, at=at),
    st.integers(0, 7), st.sampled_from(["Jan", "Ewa", ""]), st.sampled_from(["", "a@wp.pl", "b@wp.pl"]),
    st.sampled_from(["", "602123456", "602123457"]), st.integers(0, 3),
)  # fmt: skip


def test_merge_then_anything_then_undo_is_as_if_never_merged(session: Any, database: str) -> None:
    @settings(
        max_examples=40 if database == "sqlite" else 8, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(before=st.lists(STATEMENT, min_size=2, max_size=8), after=st.lists(STATEMENT, max_size=8), data=st.data())
    def holds(before: list[Any], after: list[Any], data: Any) -> None:
        point = session.begin_nested()
        try:
            _merge_and_undo(session, before, after, data)
        finally:
            point.rollback()

    holds()


def _merge_and_undo(session: Any, before: list[Any], after: list[Any], data: Any) -> None:
    receive(before)
    profiles = sorted({_profile(one.ref.external_id) for one in before})
    if len(profiles) < 2:
        return
    chosen = data.draw(st.permutations(profiles))[:2]
    never_merged = session.begin_nested()
    if after:
        receive(after)
    expected = partition()
    never_merged.rollback()
    merged = operations.merge(profile_ids=chosen, **WHO)
    assert queries.current(chosen[0]) == queries.current(chosen[1]) == min(chosen)
    if after:
        receive(after)
    operations.undo(decision_id=merged.decision_id, **WHO)
    assert partition() == expected
