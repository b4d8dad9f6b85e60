"""A worker's sign of life: a file whose time says when it was last at work."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Literal

FILE_NAME = "worker.heartbeat"
LATE_AFTER_SECONDS = 30.0


def beat(directory: Path, *, now: datetime) -> None:
    """Leave a sign of life."""
    file = directory / FILE_NAME
    file.touch()
    os.utime(file, (now.timestamp(), now.timestamp()))


def age(directory: Path, *, now: datetime) -> float | None:
    """Seconds since the last sign of life; None when there never was one."""
    try:
        at = (directory / FILE_NAME).stat().st_mtime
    except FileNotFoundError:
        return None
    return max(0.0, round(now.timestamp() - at, 1))


def state(seconds: float | None) -> Literal["never seen", "working", "late"]:
    """What an age says."""
    if seconds is None:
        return "never seen"
    return "working" if seconds <= LATE_AFTER_SECONDS else "late"
