"""How many loyalty points customers hold together. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm360.insights.percentiles import percentile


def summed(found: Mapping[int, int]) -> dict[str, Any] | None:
    """{"customers", "holders", "points", "median", "p90"}: the last two of those with any; None where no source tells."""
    if not found:
        return None
    holding = sorted(balance for balance in found.values() if balance > 0)
    return {
        "customers": len(found),
        "holders": len(holding),
        "points": sum(holding),
        "median": percentile(holding, 0.5),
        "p90": percentile(holding, 0.9),
    }
