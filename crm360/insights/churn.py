"""Who is silent for longer than is usual for them. Pure.

A customer with at least three purchase days has a rhythm: the median of their own pauses. Silent for more than one and a
half of it they are late, for more than three lapsed. Who has no rhythm yet is counted apart: nothing is known of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

LATE, LAPSED = 1.5, 3.0
STATES = ("on_time", "late", "lapsed", "no_rhythm")


def state(rhythm_days: float | None, silent_days: float) -> str:
    """Where a customer stands. `silent_days` since the last purchase, parts of a day included."""
    if rhythm_days is None:
        return "no_rhythm"
    return "lapsed" if silent_days > LAPSED * rhythm_days else "late" if silent_days > LATE * rhythm_days else "on_time"


def states(customers: Iterable[tuple[float | None, float]]) -> dict[str, int]:
    """How many customers, given by rhythm and silence, are in each state."""
    found = Counter(state(*each) for each in customers)
    return {name: found[name] for name in STATES}


def rate(counted: Mapping[str, int]) -> float | None:
    """Lapsed among those who have a rhythm."""
    whole = sum(counted[name] for name in STATES[:3])
    return counted["lapsed"] / whole if whole else None
