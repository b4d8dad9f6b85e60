"""A mean with its 95 % interval, of values that were counted. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

#: The normal distribution has 2.5 % beyond so many standard deviations.
Z = 1.959963984540054


class Interval(NamedTuple):
    """`low` and `high` bound the 95 % interval of `value`, which comes from `total` observations."""

    value: float
    low: float
    high: float
    total: int


def mean(counts: Mapping[int, int], *, lowest: float, highest: float) -> Interval | None:
    """The mean of values on a scale, its interval from the sample's variance; None without any.

    `counts`: value → how often. One observation says nothing of the spread: the scale's ends bound it.
    """
    total = sum(counts.values())
    if not total:
        return None
    value = sum(each * number for each, number in counts.items()) / total
    if total == 1:
        return Interval(value, lowest, highest, 1)
    variance = sum(number * (each - value) ** 2 for each, number in counts.items()) / (total - 1)
    spread = Z * math.sqrt(variance / total)
    return Interval(value, max(value - spread, lowest), min(value + spread, highest), total)
