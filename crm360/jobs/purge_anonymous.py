"""Visitors whom nobody ever named are forgotten after a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm360.flows import forgetting
from crm360.jobs.job import Limits


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many visitors were forgotten."""
    return forgetting.purge_anonymous(before=now - timedelta(days=limits.anonymous_retention_days))
