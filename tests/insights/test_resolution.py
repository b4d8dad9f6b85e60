"""Service figures of conversations told as cases, and against pandas."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm360.conversations.serving import Served
from crm360.insights import acting, resolution
from crm360.insights.opening import Opening
from crm360.insights.resolution import Talk, Target

START = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday, ten in Warsaw
ALWAYS = Opening(hours=dict.fromkeys(range(7), (0, 1440)))
TARGETS = {"": Target(first=3600.0, next=7200.0, resolution=86_400.0), "chat": Target(first=300.0)}

SECONDS = st.one_of(st.none(), st.integers(0, 200_000).map(float))
TALKS = st.lists(
    st.builds(
        Talk,
        conversation_id=st.integers(1, 99),
        profile_id=st.integers(1, 9),
        channel=st.sampled_from(["chat", "email"]),
        agent=st.sampled_from(["Ola", "Jan", ""]),
        started_at=st.just(START),
        hour=st.integers(8, 11),
        status=st.just("open"),
        served=st.builds(
            Served,
            first_response=SECONDS,
            next_responses=st.lists(st.integers(0, 9000).map(float), max_size=3).map(tuple),
            resolution=SECONDS,
            reopened=st.integers(0, 2),
            one_contact=st.booleans(),
            waiting_since=st.none(),
            first_agent=st.just(""),
        ),
    ),
    max_size=15,
)


@settings(max_examples=40)
@given(TALKS)
def test_figures_equal_pandas(talks: list[Talk]):
    found = resolution.figures(talks, TARGETS)
    rows = pd.DataFrame([each._asdict() | each.served._asdict() for each in talks])
    assert found["all"]["conversations"] == len(talks)
    for name in ("channel", "agent"):
        groups = {} if rows.empty else dict(list(rows.groupby(name)))
        assert [row["name"] for row in found[name]] == sorted(groups)
        for row in found[name]:
            group = groups[row["name"]]
            for figure, column in (("first", "first_response"), ("resolution", "resolution")):
                values = pd.to_numeric(group[column]).dropna()
                assert row[figure]["count"] == len(values)
                for each, share in (("median", 0.5), ("p90", 0.9)):
                    assert row[figure][each] == (pytest.approx(values.quantile(share)) if len(values) else None)
            resolved = group[pd.to_numeric(group["resolution"]).notna()]
            assert row["one_contact"] == (pytest.approx(resolved["one_contact"].mean()) if len(resolved) else None)
            assert row["reopened"] == pytest.approx((group["reopened"] > 0).mean())
    promised = [
        each.served.first_response <= (300 if each.channel == "chat" else 3600)
        for each in talks
        if each.served.first_response is not None
    ]
    assert found["all"]["kept"]["first"] == (pytest.approx(sum(promised) / len(promised)) if promised else None)


def waiting(minutes: float, *, channel: str = "email", answered: bool = False, status: str = "open") -> Talk:
    since = START - timedelta(minutes=minutes)
    how = Served(60.0 if answered else None, (), None, 0, False, since, "")
    return Talk(int(minutes), 1, channel, "", since, 10, status, how)


@pytest.mark.parametrize(
    ("talk", "state", "left"),
    [
        (waiting(10), "in_time", 50),
        (waiting(50), "soon", 10),
        (waiting(60), "late", 0),
        (waiting(100, answered=True), "soon", 20),
        (waiting(4, channel="chat"), "soon", 1),
        (waiting(4, channel="chat", answered=True), "in_time", None),
    ],
    ids=[
        "in time",
        "soon",
        "late",
        "a further answer has its own promise",
        "chat is promised more",
        "nothing promised",
    ],
)
def test_who_waits_is_warned_of_before_the_promise_breaks(talk: Talk, state: str, left: int | None):
    (found,) = acting.due([talk], targets=TARGETS, opening=ALWAYS, now=START)
    assert found.state == state
    assert found.due_at == (None if left is None else START + timedelta(minutes=left))


def test_nobody_waits_in_a_resolved_conversation():
    assert acting.due([waiting(600, status="resolved")], targets=TARGETS, opening=ALWAYS, now=START) == []


def test_a_night_is_not_waited_through():
    evening = waiting(16 * 60)._replace(started_at=START)  # asked on Sunday
    (found,) = acting.due([evening], targets=TARGETS, opening=Opening(), now=START - timedelta(hours=2))
    assert (found.state, found.due_at) == ("in_time", START)  # opened at nine, an hour is promised
