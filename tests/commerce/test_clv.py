"""BG/NBD and Gamma-Gamma against the published figures of the CDNOW data, and against simulated customers."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

from crm360.commerce import clv

#: Fader, Hardie and Lee (2005), table 2; Fader and Hardie (2013). Weeks and dollars.
PUBLISHED_RATE = clv.PurchaseRate(r=0.243, alpha=4.414, a=0.793, b=2.426)
PUBLISHED_SPENDING = clv.Spending(p=6.25, q=3.74, gamma=15.44)


@pytest.fixture(scope="module")
def cdnow() -> np.ndarray:
    """2,357 customers: number, repeat purchases, recency and age in weeks, average of the repeat purchases."""
    path = files("lifetimes") / "datasets" / "cdnow_customers_summary_with_transactions.csv"
    return np.genfromtxt(str(path), delimiter=",", skip_header=1)


def test_the_published_parameters_of_cdnow_are_found(cdnow: np.ndarray):
    assert len(cdnow) == 2357
    assert clv.fit_rate(*cdnow.T[1:4]) == pytest.approx(PUBLISHED_RATE, rel=0.01)
    came_back = cdnow[cdnow[:, 1] > 0]
    assert clv.fit_spending(came_back[:, 1], came_back[:, 4]) == pytest.approx(PUBLISHED_SPENDING, rel=0.01)


@pytest.mark.parametrize("unit", [1 / 52, 7.0])
def test_the_unit_of_time_does_not_matter(cdnow: np.ndarray, unit: float):
    x, t_x, t = cdnow.T[1:4]
    fitted, other = clv.fit_rate(x, t_x, t), clv.fit_rate(x, t_x * unit, t * unit)
    assert other == pytest.approx(fitted._replace(alpha=fitted.alpha * unit), rel=0.003)
    assert clv.alive(other, x, t_x * unit, t * unit) == pytest.approx(clv.alive(fitted, x, t_x, t), abs=0.002)


def test_predictions_of_the_paper(cdnow: np.ndarray):
    """The example of Fader and Hardie's note on the model: 2 purchases, the last in week 30.43 of 38.86."""
    spans = ([2.0], [30.43], [38.86])
    assert clv.purchases(PUBLISHED_RATE, *spans, ahead=39.0) == pytest.approx([1.226], abs=0.002)
    assert clv.alive(PUBLISHED_RATE, [0.0], [0.0], [38.86]).tolist() == [1.0]


def test_what_is_foretold_happens_to_simulated_customers():
    """60,000 customers made by the model, watched for a year; the half year after is compared with what was foretold."""
    rng, count = np.random.default_rng(7), 60_000
    rate = clv.PurchaseRate(r=0.8, alpha=6.0, a=0.9, b=2.5)
    age, ahead = 52.0, 26.0
    pace, leaving = rng.gamma(rate.r, 1 / rate.alpha, count), rng.beta(rate.a, rate.b, count)
    at, here = np.zeros(count), np.ones(count, bool)
    x, t_x, later = np.zeros(count), np.zeros(count), np.zeros(count)
    while here.any():
        at = at + rng.exponential(1 / pace)
        here &= at < age + ahead
        early = here & (at < age)
        x, t_x, later = x + early, np.where(early, at, t_x), later + (here & ~early)
        here &= rng.random(count) >= leaving
    spans = x, t_x, np.full(count, age)
    assert clv.purchases(rate, *spans, ahead=ahead).mean() == pytest.approx(later.mean(), rel=0.02)
    assert clv.silent(rate, *spans, ahead=ahead).mean() == pytest.approx((later == 0).mean(), rel=0.01)
    for group in (x == 0, (x > 0) & (t_x < 20), (x > 2) & (t_x > 40)):
        told = clv.silent(rate, *(each[group] for each in spans), ahead=ahead)
        assert told.mean() == pytest.approx((later[group] == 0).mean(), abs=0.02)
    assert clv.fit_rate(*spans) == pytest.approx(rate, rel=0.12)


def test_too_few_customers_are_refused():
    with pytest.raises(clv.NoFit):
        clv.fit_rate([1.0] * 99, [1.0] * 99, [2.0] * 99)
    with pytest.raises(clv.NoFit):
        clv.fit_spending([1, 2], [10.0, 20.0])


def test_money_is_drawn_towards_everybodys_average():
    few, many = clv.expected_average(PUBLISHED_SPENDING, [1, 50], [100.0, 100.0])
    mean = PUBLISHED_SPENDING.p * PUBLISHED_SPENDING.gamma / (PUBLISHED_SPENDING.q - 1)
    assert mean < few < many < 100
