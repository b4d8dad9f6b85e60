"""Where a purchase document stands, from what its source said of it and what happened to it since."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

#: Statuses in the order an order lives through them; decides between two versions of one time.
STATUS_RANK = {"announced": -1, "open": 0, "paid": 1, "partially_refunded": 2, "refunded": 3, "cancelled": 4}


class Standing(NamedTuple):
    """`refunded_minor` is never more than the order's total."""

    status: str
    refunded_minor: int


def standing(stated: str, *, total_minor: int, cancelled: bool, refunds: Collection[int | None]) -> Standing:
    """Status and money given back.

    `stated` is what the newest version says, "announced" before any came. A refund of None is one of the whole order.
    A cancellation outweighs everything; an order nobody placed yet stays announced whatever happened to it.
    """
    refunded_minor = _refunded(stated, max(total_minor, 0), refunds)
    if stated == "announced":
        return Standing("announced", refunded_minor)
    if cancelled or stated == "cancelled":
        return Standing("cancelled", refunded_minor)
    if stated == "refunded" or None in refunds or (refunded_minor and refunded_minor >= total_minor):
        return Standing("refunded", refunded_minor)
    if stated == "partially_refunded" or refunded_minor:
        return Standing("partially_refunded", refunded_minor)
    return Standing(stated, refunded_minor)


def _refunded(stated: str, total_minor: int, refunds: Collection[int | None]) -> int:
    if stated == "refunded" or None in refunds:
        return total_minor
    return min(sum(abs(amount) for amount in refunds if amount is not None), total_minor)
