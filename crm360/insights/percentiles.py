"""Medians and percentiles as the field computes them: linear between the two nearest values (Hyndman and Fan, type 7). Pure."""

from __future__ import annotations

from collections.abc import Sequence


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The value below which `share` (0 to 1) of ascending values lie; None of nothing."""
    if not ordered:
        return None
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def spread(values: Sequence[float]) -> dict[str, float | int | None]:
    """{"count", "median", "p25", "p75", "p90"} of values in any order."""
    ordered = sorted(values)
    named = {"p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}
    return {"count": len(ordered)} | {name: percentile(ordered, share) for name, share in named.items()}
