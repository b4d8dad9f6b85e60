"""The lines a pair's weight is held against: where doubt starts, where a person is asked, where records join."""

from __future__ import annotations

from math import log2
from typing import NamedTuple

from crm360.identity import in_force


class Thresholds(NamedTuple):
    """In bits. `prior`: what any pair starts with; from `review` on a person is asked, from `join` on records join."""

    prior: float
    review: float
    join: float


def probability(bits: float) -> float:
    """How likely a pair of this weight is one person, by the model: 0 bits are even odds, each further bit doubles them."""
    return 1 / (1 + 2 ** -max(-60.0, min(60.0, bits)))


def bits(probability: float) -> float:
    """The weight of a pair that is this likely (above 0, below 1) to be one person."""
    return log2(probability / (1 - probability))


def thresholds() -> Thresholds:
    """Those of the model in force."""
    judge = in_force.current().judge
    return Thresholds(judge.weigher.prior, judge.model.review, judge.model.join)
