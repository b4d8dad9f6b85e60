"""The lines a pair's weight is held against: where doubt starts, where a person is asked, where records join."""

from __future__ import annotations

from typing import NamedTuple

from crm360.identity import scoring


class Thresholds(NamedTuple):
    """In bits. `prior`: what any pair starts with; from `review` on a person is asked, from `join` on records join."""

    prior: float
    review: float
    join: float


def thresholds() -> Thresholds:
    """Those of the model in force."""
    model = scoring.current_model()
    return Thresholds(model.prior, model.review, model.join)
