"""Recency, frequency and monetary value in quintiles (Hughes, Strategic Database Marketing, 1994). Pure.

A boundary is a value found in the shop; equal values are never parted, so a class may stay empty where many customers
are alike (most bought once). Scores run from 1 to 5, 5 the best.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple

CLASSES = 5


class Boundaries(NamedTuple):
    """Four values each: days since the last purchase, purchase days, net spend in minor units by currency."""

    recency: tuple[float, ...]
    frequency: tuple[float, ...]
    monetary: Mapping[str, tuple[float, ...]]


class Scores(NamedTuple):
    """Each 1 to 5."""

    recency: int
    frequency: int
    monetary: int


def quintiles(values: Sequence[float]) -> tuple[float, ...]:
    """The values below or at which a fifth, two, three and four fifths lie; empty for no values."""
    if not values:
        return ()
    ordered = sorted(values)
    return tuple(float(ordered[-(-len(ordered) * part // CLASSES) - 1]) for part in range(1, CLASSES))


def scores(*, recency_days: float, purchase_days: int, spend_minor: int, currency: str, by: Boundaries) -> Scores:
    """Where a customer stands. Money is compared with those who spend the same currency."""
    return Scores(
        recency=CLASSES - bisect_left(by.recency, recency_days),
        frequency=1 + bisect_left(by.frequency, purchase_days),
        monetary=1 + bisect_left(by.monetary.get(currency, ()), spend_minor),
    )
