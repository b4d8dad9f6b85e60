"""A customer's row of values from what is known of them and the fit in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import select

from crm360.commerce import clv, copurchase, rfm, value_fits
from crm360.commerce.models import ProductPair
from crm360.commerce.purchase_history import Bought
from crm360.commerce.purchase_rows import Carts
from crm360.commerce.value_fits import WEEK_SECONDS, YEAR_DAYS, Fit
from crm360.kernel.batches import chunked
from crm360.kernel.db import db

#: Categories kept of each customer.
MOST_CATEGORIES = 5
AHEAD_WEEKS = YEAR_DAYS * 86_400 / WEEK_SECONDS
_NO_CARTS = Carts(0, None)
_UNSCORED: dict[str, Any] = {
    "recency_score": None,
    "frequency_score": None,
    "monetary_score": None,
    "alive_probability": None,
    "churn_probability": None,
    "expected_orders": None,
    "clv_minor": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of some customers, each by profile id."""

    histories: Mapping[int, Bought]
    categories: Mapping[int, list[dict[str, Any]]]
    carts: Mapping[int, Carts]
    products: Mapping[int, set[str]]


def rows(known: Known, *, fit_id: int | None, fit: Fit | None, now: datetime) -> list[dict[str, Any]]:
    """One row each, by profile id."""
    if not known.histories:
        return []
    buyers = [whose for whose, history in known.histories.items() if history.purchase_days]
    scored = _scores([known.histories[whose] for whose in buyers], fit) if fit else []
    scores = dict(zip(buyers, scored, strict=False))
    pairs = _leading_from(set().union(*known.products.values())) if known.products else {}
    return [
        {
            "profile_id": whose,
            "fit_id": fit_id,
            "as_of": fit.as_of if fit else now,
            "refreshed_at": now,
            **{name: getattr(history, name) for name in Bought.__slots__},
            **scores.get(whose, _UNSCORED),
            **_favourites(known.categories.get(whose, [])),
            "abandoned_carts": known.carts.get(whose, _NO_CARTS).left,
            "abandoned_at": known.carts.get(whose, _NO_CARTS).last_at,
            **_next(known.products.get(whose, set()), pairs),
        }
        for whose, history in known.histories.items()
    ]


def _favourites(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"favourite_category": found[0]["category"] if found else "", "categories": found[:MOST_CATEGORIES]}


def _scores(histories: Sequence[Bought], fit: Fit) -> list[dict[str, Any]]:
    """RFM, and where models were fitted what they foretell. Probabilities to six places: what SIMD does is not kept."""
    foretold = _foretold(histories, fit)
    return [
        {
            f"{name}_score": score
            for name, score in rfm.scores(
                recency_days=value_fits.recency_days(history, fit.as_of),
                purchase_days=history.purchase_days,
                spend_minor=history.spend_minor,
                currency=history.currency,
                by=fit.boundaries,
            )
            ._asdict()
            .items()
        }
        | future
        for history, future in zip(histories, foretold, strict=True)
    ]


def _foretold(histories: Sequence[Bought], fit: Fit) -> list[dict[str, Any]]:
    names = ("alive_probability", "churn_probability", "expected_orders", "clv_minor")
    if fit.rate is None or not histories:
        return [dict.fromkeys(names) for _ in histories]
    spans = value_fits.weeks(histories, fit.as_of)
    alive, silent = clv.alive(fit.rate, *spans), clv.silent(fit.rate, *spans, ahead=AHEAD_WEEKS)
    orders = clv.purchases(fit.rate, *spans, ahead=AHEAD_WEEKS)
    each = [_expected(history, fit.spending.get(history.currency)) for history in histories]
    money = [float(n) * m if m is not None else None for n, m in zip(orders, each, strict=True)]
    money = [round(each) if each is not None and np.isfinite(each) else None for each in money]
    columns = ([_rounded(value) for value in values] for values in (alive, silent, orders))
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, money, strict=True)]


def _rounded(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None


def _expected(history: Bought, spending: clv.Spending | None) -> float | None:
    """What a purchase of theirs will come to, in minor units."""
    if spending is None:
        return None
    average = clv.expected_average(spending, [history.purchase_days], [value_fits.per_purchase(history)])[0]
    return float(average) if np.isfinite(average) else None


class _Step(NamedTuple):
    """A pair with the names of its products."""

    pair: copurchase.Pair
    name: str
    other_name: str


def _leading_from(products: set[str]) -> dict[str, list[_Step]]:
    """Pairs by the product they start from, the surest first."""
    row = ProductPair
    counts = (row.product, row.other, row.both, row.buyers, row.other_buyers, row.customers)
    found: dict[str, list[_Step]] = {}
    for chunk in chunked(sorted(products)):
        rows = db.session.execute(select(*counts, row.name, row.other_name).where(row.product.in_(chunk)))
        for *counted, name, other_name in rows:
            step = _Step(copurchase.Pair(*counted), name, other_name)
            found.setdefault(step.pair.product, []).append(step)
    for steps in found.values():
        steps.sort(key=lambda step: copurchase.surest(step.pair))
    return found


def _next(products: set[str], steps: Mapping[str, list[_Step]]) -> dict[str, Any]:
    """The surest step to something new: of each product only the first that leads there can be it."""
    first = (
        next((step for step in steps[each] if step.pair.other not in products), None)
        for each in products & steps.keys()
    )
    best = min((step for step in first if step), key=lambda step: copurchase.surest(step.pair), default=None)
    if best is None:
        return {"next_product": "", "next_reason": {}}
    pair = best.pair
    reason = {
        "because": best.name,
        "sku": pair.other,
        "both": pair.both,
        "buyers": pair.buyers,
        "customers": pair.customers,
        "lift": round(pair.lift, 2),
        "support": round(pair.support, 4),
    }
    return {"next_product": best.other_name, "next_reason": reason}
