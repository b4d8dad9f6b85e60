"""Scores against plain counting, with the field's definitions; intervals against simulation and textbook values."""

from __future__ import annotations

from collections import Counter
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.surveys.kinds import KINDS, fits, is_bad, is_good
from crm360.surveys.scores import score

NUMBERED = [kind for kind, scale in KINDS.items() if scale]


@given(st.lists(st.integers(0, 10), min_size=1, max_size=60))
def test_nps_is_promoters_minus_detractors(votes: list[int]) -> None:
    found = score("nps", Counter(votes))
    assert found is not None
    wanted = 100 * (len([v for v in votes if v in (9, 10)]) - len([v for v in votes if v < 7])) / len(votes)
    assert found.value == pytest.approx(wanted)
    assert -100 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 100
    assert found.answers == len(votes)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=60))
def test_csat_is_the_share_of_fours_and_fives(votes: list[int]) -> None:
    found = score("csat", Counter(votes))
    assert found is not None
    assert found.value == pytest.approx(100 * fmean(vote >= 4 for vote in votes))
    assert 0 <= found.low <= found.value + 1e-9 <= found.high + 2e-9 <= 100 + 3e-9


@given(st.sampled_from(["ces", "rating"]), st.lists(st.integers(1, 5), min_size=1, max_size=60))
def test_ces_and_stars_are_means(kind: str, votes: list[int]) -> None:
    found = score(kind, Counter(votes))
    assert found is not None
    assert found.value == pytest.approx(fmean(votes))
    assert found.low <= found.value <= found.high


def test_intervals_of_the_textbook() -> None:
    """Wilson's for 8 of 10 (Brown, Cai, DasGupta 2001: 0.49 … 0.94); NPS of 50, 30, 20: ±15.3."""
    share, nps = score("csat", {5: 8, 1: 2}), score("nps", {10: 50, 8: 30, 3: 20})
    assert share is not None
    assert nps is not None
    assert (round(share.low, 1), round(share.high, 1)) == (49.0, 94.3)
    assert (round(nps.value, 9), round(nps.high - nps.value, 1)) == (30, 15.3)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_scored_without_answers(kind: str) -> None:
    assert score(kind, {}) is None


@pytest.mark.parametrize("kind", NUMBERED)
def test_nobody_is_happy_and_unhappy(kind: str) -> None:
    scale = KINDS[kind]
    assert scale is not None
    values = range(scale.low, scale.high + 1)
    assert all(fits(kind, value) for value in values)
    assert not any(fits(kind, value) for value in (scale.low - 1, scale.high + 1, None))
    assert not any(is_bad(kind, value) and is_good(kind, value) for value in values)
    assert is_bad(kind, scale.low)
    assert is_good(kind, scale.high)
