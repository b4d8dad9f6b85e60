"""Whose turn it is, when it is tried again, and when it is given up; on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm360.webhooks import delivering, kinds, operations, queries, retrying
from crm360.webhooks.delivering import Outcome
from tests.webhooks.endpoints import (
    BAD,
    NO_ANSWER,
    NOW,
    OK,
    claim,
    endpoint,
    happened,
    later,
    profiles_of,
    settle,
    states,
)


def test_events_of_one_customer_come_one_after_another(session: Any):
    one = endpoint()
    happened(1, 2, 1, 3)
    first = claim()
    assert profiles_of(first) == [1, 2, 3]
    assert claim() == []
    for claimed in first:
        settle(claimed)
    assert profiles_of(claim()) == [1]
    assert states(one) == ["delivered", "delivered", "waiting", "delivered"]


def test_a_customer_waits_for_a_retry_and_others_go_on(session: Any):
    endpoint()
    happened(1, 1, 2)
    for claimed, outcome in zip(claim(), (BAD, OK), strict=True):
        settle(claimed, outcome)
    happened(2)
    assert profiles_of(claim()) == [2]
    assert profiles_of(claim(later(seconds=6))) == [1]


def test_a_merge_waits_for_both_customers_and_both_wait_for_it(session: Any):
    endpoint()
    happened(5)
    happened(7, kind=kinds.MERGED, merged_profile_id=5)
    happened(7, 5, 6)
    five, six = claim()
    assert profiles_of([five, six]) == [5, 6]
    settle(five)
    (merge,) = claim()
    settle(merge)
    assert profiles_of(claim()) == [7, 5]


def test_endpoints_do_not_wait_for_each_other(session: Any):
    slow, quick = endpoint(), endpoint()
    happened(1, 1)
    for claimed in claim():
        settle(claimed, BAD if claimed.endpoint_id == slow else OK)
    assert [claimed.endpoint_id for claimed in claim()] == [quick]


def test_a_given_up_event_lets_the_next_go(session: Any):
    one = endpoint()
    happened(1, 1)
    at, gaps = NOW, []
    for number in range(1, retrying.ATTEMPTS + 1):
        (claimed,) = claim(at)
        assert claimed.number == number
        settle(claimed, NO_ANSWER, at)
        due = queries.get_delivery(claimed.delivery_id).due_at
        session.expire_all()
        due = queries.get_delivery(claimed.delivery_id).due_at
        gaps.append((due - at).total_seconds())
        at = max(due, at)
    assert states(one) == ["given_up", "waiting"]
    for gap, pause in zip(gaps, retrying.PAUSES, strict=False):
        assert pause.total_seconds() <= gap <= pause.total_seconds() * 1.1
    assert [claimed.number for claimed in claim(at)] == [1]


def test_a_dead_workers_claim_is_taken_over(session: Any):
    one = endpoint()
    happened(1)
    (lost,) = claim()
    assert claim(later(seconds=59)) == []
    (again,) = claim(later(seconds=61))
    assert (again.message_id, again.number) == (lost.message_id, 2)
    settle(lost, BAD, later(seconds=62))  # the first worker was only slow: the turn is the other's now
    assert claim(later(seconds=90)) == []
    settle(again, OK, later(seconds=91))
    assert states(one) == ["delivered"]


def test_success_of_a_slow_worker_counts(session: Any):
    one = endpoint()
    happened(1)
    (slow,) = claim()
    (other,) = claim(later(seconds=61))
    settle(slow, OK, later(seconds=62))
    settle(other, BAD, later(seconds=63))
    assert states(one) == ["delivered"]


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_two_hundreds_are_success(session: Any, status: int):
    one = endpoint()
    happened(1)
    settle(claim()[0], Outcome(status=status))
    assert states(one) == ["delivered"]


@pytest.mark.parametrize("status", [301, 302, 400, 401, 404, 500])
def test_everything_else_is_tried_again(session: Any, status: int):
    one = endpoint()
    happened(1)
    settle(claim()[0], Outcome(status=status))
    assert states(one) == ["waiting"]
    assert claim(later(seconds=4)) == []
    assert claim(later(seconds=6))


def test_gone_pauses_the_endpoint_and_loses_nothing(session: Any):
    one = endpoint()
    happened(1, 2)
    first, second = claim()
    assert settle(first, Outcome(status=410)) == "gone"
    assert settle(second, Outcome(status=410)) == ""
    pause = queries.pause_of(one)
    assert pause is not None
    assert (pause.reason, pause.paused_by) == ("gone", "crm360")
    assert claim(later(days=2)) == []
    assert operations.resume(endpoint_id=one, by="Dana", now=later(days=2))
    assert profiles_of(claim(later(days=2))) == [1, 2]
    assert queries.pause_of(one) is None


def test_who_asks_for_time_is_left_alone_altogether(session: Any):
    endpoint()
    happened(1, 2, 3)
    settle(claim(most=1)[0], Outcome(status=429, headers={"retry-after": "600"}))
    assert claim(later(seconds=599)) == []
    assert profiles_of(claim(later(seconds=601))) == [1, 2, 3]


def test_days_without_success_pause_the_endpoint(session: Any):
    one = endpoint()
    happened(1)
    settle(claim()[0], NO_ANSWER)
    happened(2, now=later(days=4))
    assert settle(claim(later(days=4))[0], OK, later(days=4)) == ""
    happened(3, now=later(days=4))
    (three,) = [each for each in claim(later(days=4.1)) if profiles_of([each]) == [3]]
    assert settle(three, NO_ANSWER, later(days=4.1)) == ""
    happened(4, now=later(days=9))
    (four,) = [each for each in claim(later(days=9.2)) if profiles_of([each]) == [4]]
    assert settle(four, NO_ANSWER, later(days=9.2)) == "failing"
    assert not operations.pause(endpoint_id=one, by="Dana", now=later(days=9.2))


def test_an_endpoint_removed_meanwhile_harms_nobody(session: Any):
    one = endpoint()
    happened(1)
    (claimed,) = claim()
    operations.remove(endpoint_id=one)
    assert settle(claimed, BAD) == ""


def test_one_delivery_or_all_failed_since_are_sent_again(session: Any):
    one = endpoint()
    happened(1, 2, now=later(days=-3))
    happened(3)
    for claimed in claim():
        delivering.settle(claimed=claimed._replace(number=retrying.ATTEMPTS), outcome=BAD, now=NOW)
    session.execute(delivering.update(delivering.Delivery).values(state="given_up", attempts=10))
    old, *_ = [line.delivery.id for line in reversed(queries.log(endpoint_id=one))]
    assert operations.redeliver_failed(endpoint_id=one, since=later(days=-1), now=NOW) == 1
    assert states(one) == ["given_up", "given_up", "waiting"]
    operations.redeliver(delivery_id=old, now=NOW)
    assert profiles_of(claim()) == [1, 3]
    assert [each.number for each in queries.attempts_of(old)] == [10]


def test_the_share_of_one_endpoint_is_limited(session: Any):
    one, other = endpoint(), endpoint()
    happened(*range(1, 8))
    taken = delivering.claim(per_endpoint=4, busy={one: 3}, now=NOW)
    assert [each.endpoint_id for each in taken] == [one, *[other] * 4]


def test_what_is_due_is_seen_without_writing(session: Any):
    endpoint()
    assert not delivering.anything_due(now=NOW)
    happened(1)
    assert delivering.anything_due(now=NOW)
    settle(claim()[0], BAD)
    assert not delivering.anything_due(now=later(seconds=4))
    assert delivering.anything_due(now=later(seconds=6))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whatever_fails_each_customer_hears_in_order(session: Any):
    """Random failures and crashes: per customer, events end in the order in which they happened."""

    @settings(max_examples=25)
    @given(
        profiles=st.lists(st.integers(1, 3), min_size=1, max_size=8),
        luck=st.lists(st.sampled_from([OK, BAD, NO_ANSWER, None]), max_size=40),
    )
    def check(profiles: list[int], luck: list[Outcome | None]) -> None:
        with session.begin_nested() as undone:
            one = endpoint()
            happened(*profiles)
            ended: dict[int, list[int]] = {}
            chances, at = iter(luck), NOW
            while taken := claim(at, most=2):
                for claimed in taken:
                    outcome = next(chances, OK)
                    if outcome is not None:  # None: the worker died
                        settle(claimed, outcome, at)
                    if outcome is OK:
                        ended.setdefault(profiles_of([claimed])[0], []).append(claimed.delivery_id)
                at += timedelta(hours=27)
                operations.resume(endpoint_id=one, by="Dana", now=at)
            assert all(ids == sorted(ids) for ids in ended.values())
            assert sum(map(len, ended.values())) + states_count("given_up") == len(profiles)
            undone.rollback()

    def states_count(state: str) -> int:
        return sum(line.delivery.state == state for line in queries.log(limit=100))

    check()
