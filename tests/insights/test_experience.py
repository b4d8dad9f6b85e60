"""What presses most, and which way a change goes."""

from __future__ import annotations

import pytest

from crm360.insights import experience
from crm360.insights.experience import Action


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
