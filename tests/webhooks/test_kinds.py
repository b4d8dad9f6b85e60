"""The vocabulary of events, and the arithmetic of trying again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.webhooks import kinds, retrying

NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "data", "other"),
    [
        (kinds.CREATED, {}, 7),
        (kinds.MERGED, {"merged_profile_id": 5}, 5),
        (kinds.SPLIT, {"new_profile_id": 9}, 9),
        (kinds.ENTERED, {"segment_id": 3, "segment": "Lapsed"}, 7),
        (kinds.ERASED, {}, 7),
    ],
)
def test_an_event_says_what_its_kind_says(kind: str, data: dict[str, object], other: int):
    assert kinds.Happened(kind, 7, data).other_profile_id == other


@pytest.mark.parametrize("data", [{}, {"changed": [], "email": "anna@example.com"}, {"merged_profile_id": 5}])
def test_what_a_kind_does_not_say_cannot_be_said(data: dict[str, object]):
    with pytest.raises(ValueError, match="updated says"):
        kinds.Happened(kinds.UPDATED, 7, data)


@pytest.mark.parametrize("wanted", [["profile.deleted"], ["endpoint.tested"], [""]])
def test_kinds_nobody_sends_are_refused(wanted: list[str]):
    with pytest.raises(kinds.UnknownKind):
        kinds.checked(wanted)


def test_the_schedule_is_that_of_standard_webhooks():
    hours = [pause.total_seconds() / 3600 for pause in retrying.PAUSES]
    assert hours[0] * 3600 == 5
    assert hours[1:] == pytest.approx([1 / 12, 0.5, 2, 5, 10, 14, 20, 24])
    assert retrying.pause_after(retrying.ATTEMPTS, "msg_1") is None


@given(st.integers(1, retrying.ATTEMPTS - 1), st.text())
def test_jitter_adds_a_tenth_at_most(attempt: int, key: str):
    pause = retrying.pause_after(attempt, key)
    assert pause is not None
    assert retrying.PAUSES[attempt - 1] <= pause <= retrying.PAUSES[attempt - 1] * 1.1


def test_jitter_spreads_what_failed_together():
    assert len({retrying.pause_after(3, f"msg_{number}") for number in range(100)}) > 90


ASKED = [
    (429, "120", 120),
    (503, "0", 0),
    (503, format_datetime(NOW + timedelta(minutes=10), usegmt=True), 600),
    (503, "Mon, 02 Mar 2026 10:40:00 -0000", 600),
    (503, format_datetime(NOW - timedelta(minutes=10)), 0),
    (503, "99999999999999999999", 86400),
    (503, format_datetime(NOW + timedelta(days=30)), 86400),
    (500, "120", 0),
    (200, "120", 0),
    (None, "120", 0),
    (429, "soon", 0),
    (429, "-5", 0),
    (429, "²", 0),
    (429, "", 0),
]


@pytest.mark.parametrize(("status", "text", "seconds"), ASKED)
def test_a_receiver_may_ask_for_time(status: int | None, text: str, seconds: int):
    assert retrying.asked_for(status, {"retry-after": text}, NOW) == timedelta(seconds=seconds)


@given(st.text(), st.sampled_from([429, 503]))
def test_no_wish_for_time_breaks_anything(text: str, status: int):
    assert timedelta(0) <= retrying.asked_for(status, {"retry-after": text}, NOW) <= retrying.LONGEST_WAIT


@pytest.mark.parametrize(("days", "out"), [(None, False), (4.9, False), (5, True)])
def test_patience_ends_after_days_without_success(days: float | None, out: bool):
    since = None if days is None else NOW - timedelta(days=days)
    assert retrying.out_of_patience(since, NOW) is out
