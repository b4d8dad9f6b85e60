"""Values of customers added up over the cells of the RFM grid, and one customer's with the fit that scored it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import func, select

from crm360.commerce import value_fits
from crm360.commerce.models import CustomerValue, ValueFit
from crm360.commerce.value_fits import Fit
from crm360.kernel.db import db


class Valued(NamedTuple):
    """A customer's value; `fit` None when nothing was learned yet."""

    value: CustomerValue
    fit: Fit | None


def by_cell() -> dict[tuple[int, int], tuple[int, Mapping[str, int]]]:
    """(recency, frequency) → customers, and what they spent by currency, the largest sum first."""
    cells: dict[tuple[int, int], tuple[int, dict[str, int]]] = {}
    place = (CustomerValue.recency_score, CustomerValue.frequency_score)
    sums = select(*place, CustomerValue.currency, func.count(), func.sum(CustomerValue.spend_minor))
    scored = sums.where(CustomerValue.recency_score.is_not(None)).group_by(*place, CustomerValue.currency)
    for recency, frequency, currency, count, spend in db.session.execute(scored):
        known, money = cells.get((recency, frequency), (0, {}))
        cells[recency, frequency] = (known + count, {**money, currency: int(spend or 0)})
    most = {place: dict(sorted(money.items(), key=lambda each: -each[1])) for place, (_, money) in cells.items()}
    return {place: (count, most[place]) for place, (count, _) in cells.items()}


def spent(profile_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """profile → (minor units, currency) spent so far, of those who bought something."""
    query = select(CustomerValue.profile_id, CustomerValue.spend_minor, CustomerValue.currency)
    bought = query.where(CustomerValue.profile_id.in_(profile_ids), CustomerValue.last_at.is_not(None))
    return {profile_id: (minor, currency) for profile_id, minor, currency in db.session.execute(bought)}


def of(profile_id: int) -> Valued | None:
    """A customer's value with what it was scored by, in one statement; None for who has none (yet)."""
    statement = select(CustomerValue, ValueFit).outerjoin(ValueFit, ValueFit.id == CustomerValue.fit_id)
    wanted = statement.where(CustomerValue.profile_id == profile_id).execution_options(populate_existing=True)
    row = db.session.execute(wanted).one_or_none()
    if row is None:
        return None
    value, fit = row
    return Valued(value, value_fits.of_document(fit.as_of, fit.document) if fit else None)
