"""Answers → one number with its 95 % interval. Pure.

NPS: share of 9–10 minus share of 0–6, −100 … 100; its interval from the variance of the three-valued vote.
CSAT: share of 4–5, 0 … 100; Wilson's interval, which is right for few answers too.
CES and rating: the mean on their scale; its interval from the sample's variance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from crm360.kernel import intervals
from crm360.kernel.intervals import Z
from crm360.surveys.kinds import KINDS


class Score(NamedTuple):
    """`low` and `high` bound the 95 % interval; equal to the scale's ends when one answer says nothing of the spread."""

    value: float
    low: float
    high: float
    answers: int


def score(kind: str, counts: Mapping[int, int]) -> Score | None:
    """The score of answers counted by value; None without any. `counts`: value on the scale → answers."""
    total = sum(counts.values())
    scale = KINDS[kind]
    if scale is None or not total:
        return None
    if kind == "nps":
        return _nps(counts, total)
    if kind == "csat":
        return _share(counts, total)
    found = intervals.mean(counts, lowest=scale.low, highest=scale.high)
    return Score(*found) if found else None


def _nps(counts: Mapping[int, int], total: int) -> Score:
    happy = sum(number for value, number in counts.items() if value >= 9) / total
    unhappy = sum(number for value, number in counts.items() if value <= 6) / total
    value = happy - unhappy
    if total == 1:
        return Score(100 * value, -100.0, 100.0, 1)
    spread = Z * math.sqrt(max(happy + unhappy - value**2, 0.0) / total)
    return Score(100 * value, 100 * max(value - spread, -1.0), 100 * min(value + spread, 1.0), total)


def _share(counts: Mapping[int, int], total: int) -> Score:
    part = sum(number for value, number in counts.items() if value >= 4) / total
    centre, wide = part + Z**2 / (2 * total), Z * math.sqrt(part * (1 - part) / total + Z**2 / (4 * total**2))
    scale = 1 + Z**2 / total
    return Score(100 * part, 100 * max((centre - wide) / scale, 0.0), 100 * min((centre + wide) / scale, 1.0), total)
