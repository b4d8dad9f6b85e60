"""Counts and durations for Prometheus, gathered over every process of an installation.

Each process writes its figures to a file of its own in one folder; whoever is asked adds them up (prometheus_client's
multi-process mode). Labels are names of our own pages and jobs, never values.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

FOLDER = "metrics"
#: prometheus_client reads it when it is first imported, so it is imported here, late, and nowhere else.
_WHERE = "PROMETHEUS_MULTIPROC_DIR"


class Gauge(NamedTuple):
    """A figure read at the moment it is asked for."""

    name: str
    says: str
    value: float


class Meters:
    """What this process counts."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        os.environ[_WHERE] = str(folder)
        from prometheus_client import Counter, Histogram, Summary

        self._visits = Histogram("crm360_visit_seconds", "Visits by door and kind of answer.", ["door", "status"])
        self._pages = Summary("crm360_page_seconds", "Visits by page.", ["page"])
        self._jobs = Summary("crm360_job_seconds", "Runs of the worker's jobs.", ["job"])
        self._failures = Counter("crm360_job_failures", "Runs of the worker's jobs that failed.", ["job"])

    def visit(self, *, page: str, status: int, seconds: float) -> None:
        """A visit was answered. `page`: the endpoint's name, "" when no page has the address."""
        door = page.partition(".")[0] if page else "none"
        self._visits.labels(door, f"{status // 100}xx").observe(seconds)
        self._pages.labels(page or "none").observe(seconds)

    def job(self, *, name: str, seconds: float, failed: bool) -> None:
        """A job ran."""
        self._jobs.labels(name).observe(seconds)
        if failed:
            self._failures.labels(name).inc()


def exposition(gauges: Iterable[Gauge]) -> tuple[bytes, str]:
    """Every process's figures and `gauges` as text, with its media type."""
    from prometheus_client import CollectorRegistry, exposition, multiprocess
    from prometheus_client.metrics_core import GaugeMetricFamily

    class Now:
        """The gauges, as a collector."""

        def collect(self) -> Iterable[GaugeMetricFamily]:
            return [GaugeMetricFamily(each.name, each.says, value=each.value) for each in gauges]

    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    registry.register(Now())
    return exposition.generate_latest(registry), exposition.CONTENT_TYPE_LATEST


def begin_anew(instance: Path) -> None:
    """Forget what the processes of an earlier start counted; their files would be added up for ever."""
    shutil.rmtree(instance / FOLDER, ignore_errors=True)
