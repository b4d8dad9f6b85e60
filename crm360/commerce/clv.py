"""How long customers stay and what they will spend: BG/NBD and Gamma-Gamma, fitted by maximum likelihood. Pure.

BG/NBD: Fader, Hardie and Lee, "Counting Your Customers" the Easy Way, Marketing Science 24 (2005). While alive a customer
buys at a rate λ ~ Gamma(r, α); after each purchase they leave with probability p ~ Beta(a, b).
Gamma-Gamma: Fader and Hardie, The Gamma-Gamma Model of Monetary Value (2013). A customer's purchases average
Gamma(p, ν), ν ~ Gamma(q, γ) over customers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

#: Below these a fit says nothing: customers, and those of them who came back.
LEAST_CUSTOMERS, LEAST_REPEATERS = 100, 30
#: Logarithm of the largest and smallest parameter.
_FARTHEST = 6.5
Numbers = Any  # array of float64


class PurchaseRate(NamedTuple):
    """Parameters of BG/NBD in units of the time they were fitted in (weeks here)."""

    r: float
    alpha: float
    a: float
    b: float


class Spending(NamedTuple):
    """Parameters of Gamma-Gamma in units of the money they were fitted in."""

    p: float
    q: float
    gamma: float


class NoFit(ValueError):
    """There are too few customers, or nothing the likelihood could be led by."""


def fit_rate(frequency: Numbers, recency: Numbers, age: Numbers) -> PurchaseRate:
    """Fit BG/NBD.

    `frequency`: repeat purchases; `recency`: time of the last one, from the first purchase; `age`: time from the first
    purchase to the end of observation. One value per customer. Raises NoFit.
    """
    x, t_x, t = (np.asarray(each, dtype=float) for each in (frequency, recency, age))
    if len(x) < LEAST_CUSTOMERS or np.count_nonzero(x) < LEAST_REPEATERS:
        raise NoFit(f"{len(x)} customers, {np.count_nonzero(x)} of them came back")
    rows, weight = np.unique(np.column_stack((x, t_x, t)), axis=0, return_counts=True)
    x, t_x, t = rows.T
    scale = 10.0 / max(float(t.max()), 1e-9)  # parameters of one size whatever the unit of time
    t_x, t, w = t_x * scale, t * scale, weight / weight.sum()
    r, alpha, a, b = _minimum(lambda logs: -float(w @ _rate_likelihood(np.exp(logs), x, t_x, t)), (0.5, 1.0, 0.7, 2.0))
    return PurchaseRate(r, alpha / scale, a, b)


def _rate_likelihood(parameters: Numbers, x: Numbers, t_x: Numbers, t: Numbers) -> Numbers:
    """Logarithm of equation (6) of the paper per customer."""
    r, alpha, a, b = parameters
    shared = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
    alive = -(r + x) * np.log(alpha + t)
    gone = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x)
    return shared + np.where(x > 0, np.logaddexp(alive, gone), alive)


def alive(rate: PurchaseRate, frequency: Numbers, recency: Numbers, age: Numbers) -> Numbers:
    """Probability that each customer has not left for good; 1 for those who bought once (they had no chance to leave)."""
    r, alpha, a, b = rate
    x, t_x, t = (np.asarray(each, dtype=float) for each in (frequency, recency, age))
    with np.errstate(over="ignore"):
        odds = a / (b + np.maximum(x, 1) - 1) * ((alpha + t) / (alpha + t_x)) ** (r + x)
    return np.where(x > 0, 1 / (1 + odds), 1.0)


def silent(rate: PurchaseRate, frequency: Numbers, recency: Numbers, age: Numbers, *, ahead: float) -> Numbers:
    """Probability of no purchase within `ahead`: gone, or alive and not buying (λ | alive ~ Gamma(r + x, α + T))."""
    x, t = np.asarray(frequency, dtype=float), np.asarray(age, dtype=float)
    quiet = ((rate.alpha + t) / (rate.alpha + t + ahead)) ** (rate.r + x)
    return 1 - alive(rate, frequency, recency, age) * (1 - quiet)


def purchases(rate: PurchaseRate, frequency: Numbers, recency: Numbers, age: Numbers, *, ahead: float) -> Numbers:
    """Expected purchases of each customer within `ahead`: equation (10) of the paper."""
    r, alpha, a, b = rate
    x, t = np.asarray(frequency, dtype=float), np.asarray(age, dtype=float)
    if abs(a - 1) < 1e-6:
        a += 1e-5  # the formula has a removable gap there
    grown = ((alpha + t) / (alpha + t + ahead)) ** (r + x)
    series = hyp2f1(r + x, b + x, a + b + x - 1, ahead / (alpha + t + ahead))
    expected = (a + b + x - 1) / (a - 1) * (1 - grown * series)
    return np.maximum(expected * alive(rate, frequency, recency, age), 0.0)


def fit_spending(purchases_made: Numbers, average: Numbers) -> Spending:
    """Fit Gamma-Gamma to how many purchases each customer made and what they came to on average. Raises NoFit."""
    x, m = np.asarray(purchases_made, dtype=float), np.asarray(average, dtype=float)
    x, m = x[(m > 0) & (x > 0)], m[(m > 0) & (x > 0)]
    if len(x) < LEAST_CUSTOMERS:
        raise NoFit(f"{len(x)} customers spent money")
    scale = 10.0 / float(np.mean(m))
    m = m * scale

    def loss(logs: Numbers) -> float:
        p, q, gamma = np.exp(logs)
        each = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
        return -float(np.mean(each + (p * x - 1) * np.log(m) + p * x * np.log(x) - (p * x + q) * np.log(gamma + m * x)))

    p, q, gamma = _minimum(loss, (4.0, 4.0, 10.0))
    return Spending(p, q, gamma / scale)


def expected_average(spending: Spending, purchases_made: Numbers, average: Numbers) -> Numbers:
    """What a purchase of each customer will come to: their own average drawn towards everybody's. NaN where q ≤ 1."""
    x, m = np.asarray(purchases_made, dtype=float), np.maximum(np.asarray(average, dtype=float), 0.0)
    p, q, gamma = spending
    if q <= 1:
        return np.full_like(m, np.nan)
    return p * (gamma + x * m) / (p * x + q - 1)


def _minimum(loss: Callable[[Numbers], float], start: tuple[float, ...]) -> list[float]:
    """The parameters of the least loss, kept within what a real shop has: customers all alike drive some to infinity."""
    found = minimize(
        loss,
        np.log(start),
        method="Nelder-Mead",
        bounds=[(-_FARTHEST, _FARTHEST)] * len(start),
        options={"xatol": 1e-6, "fatol": 1e-10, "maxiter": 4000, "maxfev": 8000},
    )
    if not found.success or not np.all(np.isfinite(found.x)):
        raise NoFit(f"the likelihood leads nowhere: {found.message}")
    return [float(each) for each in np.exp(found.x)]
