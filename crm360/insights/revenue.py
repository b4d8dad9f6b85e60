"""Money from new and from returning customers by month. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from crm360.commerce.purchase_history import Document
from crm360.insights.retention import first_of, month_of


def by_month(documents: Mapping[int, Sequence[Document]], unknown: Sequence[Document] = ()) -> list[dict[str, Any]]:
    """Net revenue (minor units) per month and currency: of customers in the month of their first order (`new`), of all
    later ones (`returning`), and of receipts nobody is known for (`unknown`). Returns count in the month they happen.
    """
    sums: defaultdict[tuple[int, str], dict[str, int]] = defaultdict(lambda: {"new": 0, "returning": 0, "unknown": 0})
    for theirs in documents.values():
        first = min((month_of(each.placed_at.toordinal()) for each in theirs if each.is_order), default=None)
        for each in theirs:
            month = month_of(each.placed_at.toordinal())
            kind = "new" if first is not None and month <= first else "returning"
            sums[month, each.currency][kind] += each.net_minor
    for each in unknown:
        sums[month_of(each.placed_at.toordinal()), each.currency]["unknown"] += each.net_minor
    return [
        {"month": first_of(month).isoformat()[:7], "currency": currency, **sums[month, currency]}
        for month, currency in sorted(sums)
    ]
