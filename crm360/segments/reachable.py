"""Of these customers, how many can be reached: what a channel loses at each step, and who that is. Nothing here writes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from crm360.consents.reaching import STEPS
from crm360.segments import permitted


class Step(NamedTuple):
    """People lost at a step, and how many are left after it."""

    name: str
    lost: list[int]
    left: int


class Waterfall(NamedTuple):
    """From `matched` customers to those `reached`; everyone is in exactly one place."""

    matched: int
    steps: list[Step]
    reached: list[int]

    def less(self, name: str, whom: Collection[int]) -> Waterfall:
        """With one more step at the end, which leaves these of the reached behind."""
        lost = [each for each in self.reached if each in whom]
        kept = [each for each in self.reached if each not in whom]
        return self._replace(steps=[*self.steps, Step(name, lost, len(kept))], reached=kept)


def waterfall(*, profile_ids: Collection[int], purpose: str, channel: str, now: datetime) -> Waterfall:
    """By the same answers a launch and a send go by (`consents.reaching`)."""
    found = permitted.steps(profile_ids, purpose=purpose, channel=channel, now=now)
    left, steps = len(profile_ids), []
    for name in STEPS[:-1]:
        lost = found.get(name, [])
        left -= len(lost)
        steps.append(Step(name, lost, left))
    return Waterfall(len(profile_ids), steps, found.get(STEPS[-1], []))
