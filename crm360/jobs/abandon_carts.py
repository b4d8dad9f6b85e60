"""Carts that have rested too long are abandoned ones."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm360.commerce import operations
from crm360.jobs.job import Limits


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many carts were given up."""
    return operations.abandon_carts(rest=timedelta(hours=limits.cart_abandoned_hours), now=now)
