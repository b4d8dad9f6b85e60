"""How far a queue is behind."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Backlog(NamedTuple):
    """What is due and has not left: how many, and for how many seconds the oldest of them."""

    due: int
    seconds: float

    @classmethod
    def of(cls, due: int, oldest: datetime | None, *, now: datetime) -> Backlog:
        """`oldest`: since when the first of them is due."""
        return cls(due, max(0.0, (now - oldest).total_seconds()) if oldest else 0.0)
