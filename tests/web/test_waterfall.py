"""The bars of a pair's weight: they start where the last one ended, and end at the total. Pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.web.waterfall import waterfall

LINES = {"prior": -20.0, "review": 0.0, "join": 8.0}


def found(*bits: float):
    return [{"field": f"field {at}", "level": "same", "bits": each, "left": "", "right": ""} for at, each in enumerate(bits)]  # fmt: skip


def test_what_speaks_for_comes_before_what_speaks_against():
    drawn = waterfall(found(-8.0, 29.0, 6.5), 7.5, **LINES)
    assert [(step.kind, step.bits, step.sum) for step in drawn.steps] == [
        ("prior", -20.0, -20.0), ("for", 29.0, 9.0), ("for", 6.5, 15.5), ("against", -8.0, 7.5), ("total", 7.5, 7.5),
    ]  # fmt: skip


def test_a_pair_held_back_says_so():
    drawn = waterfall(found(30.0, 10.0), 7.0, **LINES)
    assert [(step.kind, step.bits) for step in drawn.steps][-2:] == [("held", -13.0), ("total", 7.0)]


@pytest.mark.parametrize("bits", [(), (0.0,), (1e-9,)])
def test_little_to_draw_is_drawn(bits):
    drawn = waterfall(found(*bits), -20.0, **LINES)
    assert drawn.steps[-1].kind == "total"


@given(st.lists(st.floats(-40, 40), max_size=9), st.floats(-30, 0), st.floats(0, 10))
def test_everything_lies_inside_and_bars_hang_together(bits, prior, review):
    total = prior + sum(bits)
    drawn = waterfall(found(*bits), total, prior=prior, review=review, join=review + 8)
    assert all(step.x >= 0 and step.x + step.width <= 100.4 for step in drawn.steps)
    assert all(0 < place < 100 for place in (drawn.zero, drawn.review, drawn.join))
    parts = [step for step in drawn.steps if step.kind != "total"]
    assert sum(step.bits for step in parts) == pytest.approx(total, abs=0.06)
    assert [step.y for step in drawn.steps] == sorted({step.y for step in drawn.steps})
