"""The log of outgoing webhooks is kept for a month."""

from __future__ import annotations

from datetime import datetime

from crm360.jobs.job import Limits
from crm360.webhooks import operations


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many events were forgotten. No setting changes the span."""
    return operations.purge(before=now - operations.KEPT)
