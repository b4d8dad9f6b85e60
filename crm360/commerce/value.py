"""What a customer is worth so far, from monthly sums of their purchase documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class MonthlySum(NamedTuple):
    """Purchase documents of one customer in one calendar month and currency.

    `orders`: sales that were not called off; `returns`: return and cancellation documents; `cancelled`: sales called
    off. `spend_minor` is net of refunds, returns and cancellations. `first_at` and `last_at` are of the orders;
    `last_minor` is the total of the customer's last order when it is in this month and currency.
    """

    year: int
    month: int
    currency: str
    orders: int
    returns: int
    cancelled: int
    spend_minor: int
    first_at: datetime | None
    last_at: datetime | None
    last_minor: int | None


class Month(NamedTuple):
    """Net spend of a calendar month by currency, minor units."""

    year: int
    month: int
    spend: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A customer's purchases in numbers. Sums are minor units by currency; currencies are never added together."""

    orders: int = 0
    returns: int = 0
    cancelled: int = 0
    spend: dict[str, int]
    average: dict[str, int]
    first_at: datetime | None = None
    last_at: datetime | None = None
    #: Total and currency of the last order.
    last_minor: int | None = None
    last_currency: str = ""
    #: Months that have documents, oldest first.
    months: tuple[Month, ...] = ()

    def recency_days(self, now: datetime) -> int | None:
        """Whole days since the last order; None when nothing was bought."""
        return None if self.last_at is None else max((now - self.last_at).days, 0)

    def monthly_spend(self, now: datetime, *, months: int = 24) -> list[Month]:
        """The last `months` calendar months up to `now`'s, oldest first, empty ones too."""
        known = {(month.year, month.month): month for month in self.months}
        latest = now.year * 12 + now.month - 1
        wanted = ((index // 12, index % 12 + 1) for index in range(latest - months + 1, latest + 1))
        return [known.get(month, Month(*month, {})) for month in wanted]


def value(sums: Iterable[MonthlySum]) -> Value:
    """Add up a customer's monthly sums. The average is net spend per order of the same currency, rounded."""
    known = sorted(sums, key=lambda each: each[:3])
    spend: defaultdict[str, int] = defaultdict(int)
    orders: defaultdict[str, int] = defaultdict(int)
    months: defaultdict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for each in known:
        spend[each.currency] += each.spend_minor
        orders[each.currency] += each.orders
        months[each.year, each.month][each.currency] = each.spend_minor
    last = next((each for each in known if each.last_minor is not None), None)
    return Value(
        orders=sum(orders.values()),
        returns=sum(each.returns for each in known),
        cancelled=sum(each.cancelled for each in known),
        spend=dict(spend),
        average={currency: round(spend[currency] / count) for currency, count in orders.items() if count},
        first_at=min((each.first_at for each in known if each.first_at), default=None),
        last_at=max((each.last_at for each in known if each.last_at), default=None),
        last_minor=last.last_minor if last else None,
        last_currency=last.currency if last else "",
        months=tuple(Month(*month, by_currency) for month, by_currency in months.items()),
    )
