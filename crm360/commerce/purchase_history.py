"""A customer's purchase documents in the few numbers that everything about their value is computed from. Pure.

A purchase day is a calendar day (of the clock `placed_at` is told by: the shop's) with at least one order that was not called off: two receipts of one visit to the
shop are one purchase. All money is in the currency most of the customer's orders are in, never added across currencies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import NamedTuple

#: Purchase days from which on a customer has a rhythm: two pauses.
LEAST_DAYS = 3


class Document(NamedTuple):
    """A purchase document as kept: `kind` sale, return or cancellation; money in minor units."""

    placed_at: datetime
    currency: str
    kind: str
    status: str
    total_minor: int
    refunded_minor: int

    @property
    def is_order(self) -> bool:
        """A sale that was not called off."""
        return self.kind == "sale" and self.status != "cancelled"

    @property
    def net_minor(self) -> int:
        """What of it was kept; returns and cancellation documents are below zero."""
        return 0 if self.status == "cancelled" else self.total_minor - self.refunded_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """Purchases in numbers. `rhythm_days`: the median pause between purchase days, None under three of them."""

    orders: int = 0
    purchase_days: int = 0
    returns: int = 0
    cancelled: int = 0
    currency: str = ""
    spend_minor: int = 0
    average_minor: int | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None
    rhythm_days: float | None = None


def bought(documents: Sequence[Document]) -> Bought:
    """Sum up the documents of one customer, in any order; announced orders count as nothing."""
    known = [each for each in documents if each.status != "announced"]
    orders = [each for each in known if each.is_order]
    currency = home_currency(orders or known)
    spend = sum(each.net_minor for each in known if each.currency == currency)
    count = sum(each.currency == currency for each in orders)
    days = purchase_days(orders)
    return Bought(
        orders=len(orders),
        purchase_days=len(days),
        returns=sum(each.kind != "sale" for each in known),
        cancelled=sum(each.kind == "sale" and not each.is_order for each in known),
        currency=currency,
        spend_minor=spend,
        average_minor=round(spend / count) if count else None,
        first_at=min((each.placed_at for each in orders), default=None),
        last_at=max((each.placed_at for each in orders), default=None),
        rhythm_days=rhythm(days),
    )


def home_currency(documents: Sequence[Document]) -> str:
    """The currency of most of them; of two as frequent, the one used last."""
    counts = Counter(each.currency for each in documents)
    last = {each.currency: each.placed_at for each in sorted(documents, key=lambda each: each.placed_at)}
    return max(counts, key=lambda code: (counts[code], last[code], code), default="")


def purchase_days(orders: Sequence[Document]) -> list[int]:
    """Days with orders as ordinals, oldest first."""
    return sorted({each.placed_at.toordinal() for each in orders})


def rhythm(days: Sequence[int]) -> float | None:
    """The median pause in days."""
    if len(days) < LEAST_DAYS:
        return None
    return float(median(later - earlier for earlier, later in pairwise(days)))
