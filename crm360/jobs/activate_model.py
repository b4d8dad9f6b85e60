"""A model that staff chose takes effect: everybody is resolved by it, in one transaction."""

from __future__ import annotations

from datetime import datetime

from crm360.flows import reidentify
from crm360.jobs.job import Limits


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many contacts were resolved again."""
    return reidentify.make_effective(now=now)
