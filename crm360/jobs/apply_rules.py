"""What an administrator ruled of limits and fields reaches every customer."""

from __future__ import annotations

from datetime import datetime

from crm360.flows import rulings
from crm360.jobs.job import Limits


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many customers were brought up to date; the rest follows next time."""
    return rulings.apply(now=now)
