"""The retention rules are kept: hourly what they say is done."""

from __future__ import annotations

from datetime import datetime

from crm360.flows import retaining
from crm360.jobs.job import Limits
from crm360.jobs.work_cases import places


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many rows went."""
    return retaining.apply_rules(by="crm360", places=places(limits), now=now)
