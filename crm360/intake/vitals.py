"""How full the queues are and how old what waits: the gauges a monitor draws and raises alarms by."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from crm360.inbox import queries as inbox
from crm360.kernel import heartbeat
from crm360.kernel.db import db
from crm360.kernel.metering import Gauge
from crm360.outbox import queries as outbox
from crm360.webhooks import queries as webhooks


def gauges(*, instance: Path, now: datetime) -> list[Gauge]:
    """Whether the database answers, and when it does everything a look at it, the worker and the disk tells."""
    try:
        told = list(_look(instance, now))
    except SQLAlchemyError:
        db.session.rollback()
        return [_database_up(0)]
    return [_database_up(1), *told]


def _database_up(value: int) -> Gauge:
    return Gauge("crm360_database_up", "Whether the database answers.", value)


def _look(instance: Path, now: datetime) -> Iterator[Gauge]:
    counts = inbox.counts()
    yield Gauge("crm360_inbox_waiting", "Payloads that wait to be read.", counts.waiting)
    yield Gauge("crm360_inbox_quarantined", "Payloads that could not be read.", counts.quarantined)
    letters = outbox.backlog(now=now)
    yield Gauge("crm360_letters_due", "Letters that should have left.", letters.due)
    yield Gauge("crm360_letters_late_seconds", "Since when the oldest of them waits.", letters.seconds)
    deliveries = webhooks.backlog(now=now)
    yield Gauge("crm360_webhooks_due", "Deliveries that should have left.", deliveries.due)
    yield Gauge("crm360_webhooks_late_seconds", "Since when the oldest of them waits.", deliveries.seconds)
    yield Gauge(
        "crm360_webhooks_paused", "Endpoints nothing is sent to, by hand or by failures.", len(webhooks.pauses())
    )
    beat = heartbeat.age(instance, now=now)
    if beat is not None:
        yield Gauge("crm360_worker_seconds", "Since the worker's last sign of life.", beat)
    yield Gauge("crm360_disk_free_bytes", "Left where the instance folder is.", shutil.disk_usage(instance).free)
