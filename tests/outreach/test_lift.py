"""Intervals and tests against published figures."""

from __future__ import annotations

import pytest

from crm360.outreach import lift


def test_wilson_after_newcombe_1998() -> None:
    """Newcombe, Stat. Med. 17:857, table I: 81/263 and 0/20."""
    assert lift.share(81, 263)[2:] == pytest.approx((0.3080, 0.2553, 0.3662), abs=5e-5)
    assert lift.share(0, 20)[2:] == pytest.approx((0.0, 0.0, 0.1611), abs=5e-5)
    assert lift.share(0, 0) == (0, 0, 0.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((56, 70), (48, 80), (0.2000, 0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.6000, 0.1705, 0.8090)),
        ((5, 56), (0, 29), (0.0893, -0.0381, 0.1926)),
        ((10, 10), (0, 10), (1.0000, 0.6075, 1.0000)),
    ],
)
def test_newcombes_method_10(one: tuple[int, int], other: tuple[int, int], expected: tuple[float, ...]) -> None:
    """Newcombe, Stat. Med. 17:873, table II, cases (a), (b), (d) and (h)."""
    assert lift.shares_differ(lift.share(*one), lift.share(*other)) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((3, 4), (1, 4), 0.4857),  # Fisher's tea
        ((7, 8), (1, 6), 0.02564),  # as scipy.stats.fisher_exact says
        ((10, 12), (3, 15), 0.001065),
        ((120, 1000), (150, 1000), 0.0495),  # z = 1.9640
        ((0, 10), (0, 10), 1.0),
        ((0, 0), (5, 10), 1.0),
    ],
)
def test_chance(one: tuple[int, int], other: tuple[int, int], expected: float) -> None:
    assert lift.p_value(lift.share(*one), lift.share(*other)) == pytest.approx(expected, rel=2e-2)


def test_welch() -> None:
    """As scipy.stats.ttest_ind(equal_var=False) says: 27.97 degrees of freedom."""
    a = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4]
    b = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 26.3]
    found = lift.means_differ(a, b)
    assert found is not None
    assert found == pytest.approx((-2.96, -5.0246735, -0.8953265))
    assert found.sure
    assert lift.means_differ([1.0], [2.0, 3.0]) is None
    assert lift.means_differ([2.0, 2.0], [1.0, 1.0]) == (1.0, 1.0, 1.0)
