"""Ratings from one to five stars: which are bad, and what they come to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from crm360.kernel import intervals

LOWEST, HIGHEST = 1, 5
#: At most so many stars are a customer who should be answered, at least so many a happy one.
BAD, GOOD = 2, 4


class Mean(NamedTuple):
    """The mean of the stars with its 95 % interval; the scale's ends when one review says nothing of the spread."""

    value: float
    low: float
    high: float
    reviews: int


def is_bad(rating: int | None) -> bool:
    """Whether somebody should answer this customer."""
    return rating is not None and rating <= BAD


def is_good(rating: int | None) -> bool:
    """Whether this customer is happy."""
    return rating is not None and rating >= GOOD


def mean(counts: Mapping[int, int]) -> Mean | None:
    """The mean of reviews counted by stars, its interval from the sample's variance; None without any."""
    found = intervals.mean(counts, lowest=LOWEST, highest=HIGHEST)
    return Mean(*found) if found else None
