"""How sure a difference between two groups is: shares, means, and whether chance alone would explain it. Pure.

Intervals at 95 %: Wilson for a share (J. Am. Stat. Assoc. 22, 1927), Newcombe's hybrid score for a difference of shares
(Stat. Med. 17, 1998, method 10), Welch for a difference of means (Biometrika 34, 1947). Fisher's exact test where a
table is too thin for the z-test.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy.special import gammaln, stdtrit

from crm360.kernel.intervals import Z

#: Below this expected count in a cell the normal approximation is not trusted.
_THIN = 5
SIGNIFICANT = 0.05


class Share(NamedTuple):
    """`hits` of `total`, as a share with its interval; an empty group has share 0 and the whole interval."""

    hits: int
    total: int
    share: float
    low: float
    high: float


class Difference(NamedTuple):
    """How much more in the first group than in the second, and between what it may lie. `sure`: it excludes zero."""

    value: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        return self.low > 0 or self.high < 0


def share(hits: int, total: int) -> Share:
    """Wilson's interval."""
    if not total:
        return Share(0, 0, 0.0, 0.0, 1.0)
    p, n = hits / total, total
    middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return Share(hits, total, p, max(0.0, middle - half), min(1.0, middle + half))


def shares_differ(one: Share, other: Share) -> Difference:
    """Newcombe's interval for the difference of two shares."""
    value = one.share - other.share
    low = value - math.hypot(one.share - one.low, other.high - other.share)
    high = value + math.hypot(one.high - one.share, other.share - other.low)
    return Difference(value, low, high)


def means_differ(one: list[float], other: list[float]) -> Difference | None:
    """Welch's interval for the difference of two means; None when a group has fewer than two."""
    if len(one) < 2 or len(other) < 2:
        return None
    (first, first_error), (second, second_error) = _mean(one), _mean(other)
    value, error = first - second, first_error + second_error
    if not error:
        return Difference(value, value, value)
    freedom = error**2 / (first_error**2 / (len(one) - 1) + second_error**2 / (len(other) - 1))
    half = float(stdtrit(freedom, 0.975)) * math.sqrt(error)
    return Difference(value, value - half, value + half)


def p_value(one: Share, other: Share) -> float:
    """The probability of a difference at least as great if both groups behaved alike (two-sided)."""
    hits, total = one.hits + other.hits, one.total + other.total
    if not one.total or not other.total or hits in (0, total):
        return 1.0
    pooled = hits / total
    thin = min(pooled, 1 - pooled) * min(one.total, other.total) < _THIN
    if thin:
        return _fisher(one, other)
    z = abs(one.share - other.share) / math.sqrt(pooled * (1 - pooled) * (1 / one.total + 1 / other.total))
    return math.erfc(z / math.sqrt(2))


def _mean(values: list[float]) -> tuple[float, float]:
    """The mean and its squared standard error."""
    mean = math.fsum(values) / len(values)
    return mean, math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values)


def _fisher(one: Share, other: Share) -> float:
    hits = one.hits + other.hits
    low, high = max(0, hits - other.total), min(hits, one.total)
    chances = {count: _chance(count, one.total, other.total, hits) for count in range(low, high + 1)}
    limit = chances[one.hits] * (1 + 1e-9)
    return min(1.0, math.fsum(each for each in chances.values() if each <= limit))


def _chance(count: int, first: int, second: int, hits: int) -> float:
    return math.exp(_choices(first, count) + _choices(second, hits - count) - _choices(first + second, hits))


def _choices(of: int, count: int) -> float:
    return float(gammaln(of + 1) - gammaln(count + 1) - gammaln(of - count + 1))
