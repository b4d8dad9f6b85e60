"""What presses most, and which way a change goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm360.insights import experience
from crm360.insights.experience import Action, Answered, Period

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def answered(whose: int | None, score: int, days: float, kind: str = "nps") -> Answered:
    return Answered(whose, kind, score, NOW - timedelta(days=days))


ANSWERS = [
    answered(1, 3, 40), answered(1, 9, 10), answered(2, 10, 20), answered(2, 6, 5), answered(None, 0, 1),
    answered(3, 2, 95), answered(4, 1, 3, "csat"), answered(5, 5, 3, "csat"), answered(6, 8, 2),
]  # fmt: skip


def test_the_unhappy_are_those_whose_last_answer_is_bad_and_recent():
    assert experience.unhappy(ANSWERS, NOW) == [2, 4]
    assert experience.unhappy(ANSWERS, NOW - timedelta(days=30)) == [1, 3]


def test_scores_of_a_period_say_of_how_many_answers_they_are():
    found = experience.figures({}, [], [], ANSWERS, Period(NOW - timedelta(days=30), NOW))
    assert (found["nps"], found["nps_answers"]) == (0.0, 5)  # 9, 10 against 6, 0; 8 is neither
    assert (found["csat"], found["csat_answers"]) == (50.0, 2)
    assert found["csat_interval"] == pytest.approx([9.4531, 90.5469], abs=1e-3)  # Wilson's of one in two
    assert experience.figures({}, [], [], [], Period(NOW, NOW))["nps"] is None


def test_people_who_wait_come_first_then_money():
    found = [
        Action("once", 5, 100, "PLN"), Action("carts", 2, 900, "PLN"), Action("silent", 0, 5000, "PLN"),
        Action("waiting", 1, None, ""), Action("other", 9, 300, "PLN"),
    ]  # fmt: skip
    assert [each.name for each in experience.to_act_on(found)] == ["waiting", "carts", "other"]


@pytest.mark.parametrize(
    ("name", "now", "before", "expected"),
    [("buyers", 3, 2, "good"), ("returns", 3, 2, "bad"), ("returns", 1, 2, "good"), ("buyers", None, 2, ""), ("buyers", 2, 2, ""), ("conversations", 9, 2, "")],
)  # fmt: skip
def test_a_change_is_good_or_bad(name, now, before, expected):
    assert experience.direction(name, now, before) == expected


def test_a_change_of_nothing_cannot_be_told():
    assert experience.change(5, 0) is None
    assert experience.change(5, 4) == 0.25
