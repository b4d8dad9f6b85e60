"""Imports that can no longer be taken back: their files go, and all that only taking back would need."""

from __future__ import annotations

from datetime import datetime

from crm360.flows import import_runs
from crm360.jobs.job import Limits


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many imports were purged."""
    return import_runs.purge_expired(now=now, folder=limits.instance_dir / import_runs.FOLDER)
