"""Journeys, their flows and funnels, as cases and against a plain look at each customer."""

from __future__ import annotations

from datetime import UTC, datetime
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm360.insights import journeys
from crm360.insights.experience import Answered

DAY = 86_400.0
TOUCHES = st.dictionaries(
    st.integers(1, 9),
    st.lists(st.tuples(st.integers(0, 120).map(lambda day: day * DAY), st.sampled_from(journeys.ORDER)), max_size=12).map(sorted),
    max_size=8,
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "step"),
    [("page.viewed", "visit"), ("cart.added", "cart"), ("order.refunded", "return"), ("survey.answered", "answer"), ("tag.set", None)],
)  # fmt: skip
def test_kinds_are_steps(kind: str, step: str | None):
    assert journeys.step_of(kind) == step


def test_a_month_of_silence_ends_a_journey_and_repeats_are_one_step():
    steps = [(0.0, "visit"), (1.0, "visit"), (2.0, "cart"), (30 * DAY, "visit"), (31 * DAY, "purchase")]
    assert journeys.journeys(steps) == [("visit", "cart", "visit", "purchase")]
    steps[3:] = [(3.0 + 30 * DAY, "purchase")]
    assert journeys.journeys(steps) == [("visit", "cart"), ("purchase",)]


@settings(max_examples=40)
@given(TOUCHES)
def test_what_flows_in_flows_out_or_ends(touches):
    found = journeys.flows(touches)
    assert found["journeys"] == sum(len(journeys.journeys(steps)) for steps in touches.values())
    inward, outward = {}, {}
    for place, one, other, count in found["links"]:
        outward[place, one] = outward.get((place, one), 0) + count
        inward[place + 1, other] = inward.get((place + 1, other), 0) + count
    assert sum(count for (place, _), count in outward.items() if place == 0) == found["journeys"]
    for (place, step), count in inward.items():
        if step and place < journeys.MOST_STEPS - 1:
            assert outward[place, step] == count
    assert [path["count"] for path in found["paths"]] == sorted(
        (path["count"] for path in found["paths"]), reverse=True
    )


def test_what_comes_before_good_and_bad_answers():
    at = datetime(2026, 3, 2, tzinfo=UTC)
    now = at.timestamp()
    touches = {
        1: [(now - 40 * DAY, "cart"), (now - 3 * DAY, "return"), (now - 2 * DAY, "question"), (now - DAY, "question")],
        2: [(now - DAY, "purchase"), (now, "return")],
        3: [(now - 50 * DAY, "visit")],
    }
    answers = [Answered(1, "nps", 2, at), Answered(2, "nps", 9, at), Answered(2, "nps", 7, at), Answered(3, "nps", 0, at), Answered(None, "nps", 0, at)]  # fmt: skip
    assert journeys.before_answers(touches, answers) == {
        "good": 1,
        "bad": 1,
        "steps": [
            {"step": "purchase", "good": 1, "bad": 0},
            {"step": "question", "good": 0, "bad": 1},
            {"step": "return", "good": 0, "bad": 1},
        ],
    }


@settings(max_examples=40)
@given(TOUCHES)
def test_a_funnel_counts_who_took_the_steps_in_order(touches):
    wanted = ("visit", "cart", "purchase")
    reached = [[], [], []]
    for steps in touches.values():
        after, left = None, list(steps)
        for place, step in enumerate(wanted):
            here = next((index for index, (_, each) in enumerate(left) if each == step), None)
            if here is None:
                break
            at = left[here][0]
            reached[place].append(0.0 if after is None else at - after)
            after, left = at, left[here + 1 :]
    assert journeys.funnel(touches, wanted) == [
        {"step": step, "customers": len(each), "median": median(each) if each and place else None}
        for place, (step, each) in enumerate(zip(wanted, reached, strict=True))
    ]
