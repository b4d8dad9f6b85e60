"""Why a pair weighs what it weighs: computed from the two contacts, the values of many and the model in force."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crm360.identity import in_force, judging
from crm360.identity.small_table import Pair

#: [{"field", "level", "bits", "left", "right"}]; with the prior they add up to the weight
Evidence = list[dict[str, Any]]


def of_pairs(pairs: Iterable[Pair]) -> dict[Pair, Evidence]:
    """The evidence of pairs of contacts; three statements however many pairs."""
    listed = sorted(set(pairs))
    if not listed:
        return {}
    table = judging.Known(in_force.current().judge).table({contact for pair in listed for contact in pair})
    return dict(zip(listed, table.evidence(listed, table.judge(listed)), strict=True))
