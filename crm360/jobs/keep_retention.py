"""The retention rules are kept: hourly what they say is done."""

from __future__ import annotations

from datetime import datetime

from crm360.flows import retaining
from crm360.jobs.job import Limits


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many rows went."""
    return retaining.apply_rules(by="crm360", now=now)
