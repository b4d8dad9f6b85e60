"""Campaigns that run hand over their next letters, tests are decided, and what was scheduled starts."""

from __future__ import annotations

from datetime import datetime

from crm360.flows import campaigns
from crm360.jobs.job import Limits
from crm360.outreach import plan


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many recipients and campaigns moved."""
    return campaigns.run(house=plan.house(limits), now=now)
