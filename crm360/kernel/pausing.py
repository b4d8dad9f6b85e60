"""How long to wait after failures in a row before the next try."""

from __future__ import annotations

from datetime import timedelta

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)


def after(failures: int) -> timedelta:
    """Twice as long with each of the `failures` (1 and more), from the first pause to the longest."""
    return min(FIRST_PAUSE * 2 ** min(failures - 1, 20), LONGEST_PAUSE)
