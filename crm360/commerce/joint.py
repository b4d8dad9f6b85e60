"""What customers of one household or company are worth together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from crm360.commerce.value import Value


class Joint(NamedTuple):
    """Sums over `customers` members, of whom `buyers` bought something. Minor units by currency, never added across."""

    customers: int
    buyers: int
    orders: int
    spend: dict[str, int]
    last_at: datetime | None


def together(values: Collection[Value]) -> Joint:
    """Orders and net spend of several customers. Every customer counts once: nobody shares another's orders."""
    spend: Counter[str] = Counter()
    for each in values:
        for currency, minor in each.spend.items():
            spend[currency] += minor
    return Joint(
        customers=len(values),
        buyers=sum(each.orders > 0 for each in values),
        orders=sum(each.orders for each in values),
        spend={currency: spend[currency] for currency in sorted(spend, key=lambda code: (-spend[code], code))},
        last_at=max((each.last_at for each in values if each.last_at), default=None),
    )
