"""The kinds of questions, the numbers they are answered with, and which of these are bad. Pure."""

from __future__ import annotations

from dataclasses import dataclass

#: An unhappy customer is to be looked after for so long.
UNHAPPY_DAYS = 90


@dataclass(frozen=True, slots=True)
class Kind:
    """A scale from `low` to `high`. At most `bad` is an unhappy customer, at least `good` a happy one."""

    low: int
    high: int
    bad: int
    good: int


#: NPS as Reichheld defined it; CSAT as the share of the two best of five; CES 2.0 ("made it easy") from 1 to 7.
KINDS: dict[str, Kind | None] = {
    "nps": Kind(0, 10, 6, 9),
    "csat": Kind(1, 5, 2, 4),
    "ces": Kind(1, 7, 3, 6),
    "rating": Kind(1, 5, 2, 4),
    "open": None,
}


def fits(kind: str, score: int | None) -> bool:
    """Whether a score belongs to the scale; an open question has none."""
    scale = KINDS[kind]
    if scale is None:
        return score is None
    return score is not None and scale.low <= score <= scale.high


def is_bad(kind: str, score: int | None) -> bool:
    """Whether somebody should answer this customer."""
    scale = KINDS[kind]
    return scale is not None and score is not None and score <= scale.bad


def is_good(kind: str, score: int | None) -> bool:
    """Whether this customer is happy."""
    scale = KINDS[kind]
    return scale is not None and score is not None and score >= scale.good
