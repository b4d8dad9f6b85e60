"""What a day's purchases of everybody teach about each: boundaries of scores, models of buying and spending, pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

from crm360.commerce import clv, copurchase, purchase_rows, rfm
from crm360.commerce.copurchase import Pair
from crm360.commerce.models import ProductPair, ValueFit
from crm360.commerce.purchase_history import Bought, bought
from crm360.kernel import bulk
from crm360.kernel.db import db, table_of

#: Predictions reach so far.
YEAR_DAYS = 365
WEEK_SECONDS = 7 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """`rate` in weeks and `spending` (minor units, by currency) are None or missing where there are too few customers."""

    as_of: datetime
    customers: int
    boundaries: rfm.Boundaries
    rate: clv.PurchaseRate | None
    spending: Mapping[str, clv.Spending]

    def document(self) -> dict[str, Any]:
        """As it is kept: {"customers", "boundaries", "rate", "spending"}."""
        edges = {each: list(values) for each, values in self.boundaries.monetary.items()}
        return {
            "customers": self.customers,
            "boundaries": {**self.boundaries._asdict(), "monetary": edges},
            "rate": self.rate._asdict() if self.rate else None,
            "spending": {currency: model._asdict() for currency, model in self.spending.items()},
        }


@dataclass(frozen=True, slots=True)
class Learned:
    """A fit, the pairs counted with it and the products' names."""

    fit: Fit
    pairs: Sequence[Pair]
    names: Mapping[str, str]


def of_document(as_of: datetime, document: Mapping[str, Any]) -> Fit:
    """A fit as it was kept."""
    edges, rate = document["boundaries"], document["rate"]
    monetary = {currency: tuple(values) for currency, values in edges["monetary"].items()}
    return Fit(
        as_of=as_of,
        customers=document["customers"],
        boundaries=rfm.Boundaries(tuple(edges["recency"]), tuple(edges["frequency"]), monetary),
        rate=clv.PurchaseRate(**rate) if rate else None,
        spending={currency: clv.Spending(**model) for currency, model in document["spending"].items()},
    )


def weeks(histories: Sequence[Bought], as_of: datetime) -> tuple[list[float], list[float], list[float]]:
    """Repeat purchases, recency and age in weeks, as `clv` takes them; all must have bought."""
    first = [each.first_at or as_of for each in histories]
    last = [each.last_at or as_of for each in histories]
    recency = [(till - since).total_seconds() / WEEK_SECONDS for since, till in zip(first, last, strict=True)]
    age = [max((as_of - since).total_seconds() / WEEK_SECONDS, 0.0) for since in first]
    repeats = [float(each.purchase_days - 1) for each in histories]
    recency = [span if count else 0.0 for span, count in zip(recency, repeats, strict=True)]
    return repeats, recency, [max(whole, span) for whole, span in zip(age, recency, strict=True)]


def recency_days(history: Bought, as_of: datetime) -> int:
    """Whole days since the last purchase; 0 for one after the fit."""
    return max((as_of - history.last_at).days, 0) if history.last_at else 0


def fitted(histories: Sequence[Bought], as_of: datetime) -> Fit:
    """Learn from everybody who ever bought."""
    buyers = [each for each in histories if each.purchase_days]
    by_currency: defaultdict[str, list[Bought]] = defaultdict(list)
    for each in buyers:
        by_currency[each.currency].append(each)
    monetary = {code: rfm.quintiles([each.spend_minor for each in of]) for code, of in by_currency.items()}
    boundaries = rfm.Boundaries(
        rfm.quintiles([recency_days(each, as_of) for each in buyers]),
        rfm.quintiles([each.purchase_days for each in buyers]),
        monetary,
    )
    rate = _rate(buyers, as_of)
    spending = {code: model for code, of in by_currency.items() if rate and (model := _spending(of))}
    return Fit(as_of=as_of, customers=len(buyers), boundaries=boundaries, rate=rate, spending=spending)


def _rate(buyers: Sequence[Bought], as_of: datetime) -> clv.PurchaseRate | None:
    try:
        return clv.fit_rate(*weeks(buyers, as_of))
    except clv.NoFit:
        return None


def _spending(buyers: Sequence[Bought]) -> clv.Spending | None:
    try:
        return clv.fit_spending([each.purchase_days for each in buyers], [per_purchase(each) for each in buyers])
    except clv.NoFit:
        return None


def per_purchase(history: Bought) -> float:
    """Net spend per purchase day, in minor units."""
    return max(history.spend_minor, 0) / history.purchase_days if history.purchase_days else 0.0


def learn(*, now: datetime) -> Learned:
    """Learn from the whole base. Only reads."""
    fit = fitted([bought(documents) for _, documents in purchase_rows.documents()], now)
    products, names = purchase_rows.kept_products()
    rows = ((profile_id, product) for profile_id, owned in products.items() for product in owned)
    return Learned(fit, copurchase.pairs(rows), names)


def keep(learned: Learned) -> int:
    """Keep what was learned as the fit in force; its number."""
    row = {"as_of": learned.fit.as_of, "document": learned.fit.document()}
    fit_id = int(db.session.scalar(insert(ValueFit).returning(ValueFit.id), row) or 0)
    db.session.execute(delete(ProductPair))
    bulk.insert_rows(db.session, table_of(ProductPair), list(_rows(learned.pairs, learned.names)))
    return fit_id


def _rows(pairs: Iterable[Pair], names: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    for pair in pairs:
        yield pair._asdict() | {"name": names.get(pair.product, ""), "other_name": names.get(pair.other, "")}


def newest() -> tuple[int, Fit] | None:
    """The fit in force with its number; None before the first."""
    found = db.session.execute(select(ValueFit).order_by(ValueFit.id.desc()).limit(1)).scalar_one_or_none()
    return (found.id, of_document(found.as_of, found.document)) if found else None


def newest_id() -> int | None:
    """The number of the fit in force."""
    found: int | None = db.session.scalar(select(ValueFit.id).order_by(ValueFit.id.desc()).limit(1))
    return found
