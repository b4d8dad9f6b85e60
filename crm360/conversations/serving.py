"""How a conversation was served: first and further answers, resolution, reopening. A function of what was said. Pure.

Times are seconds of the clock, or of whatever hours `elapsed` counts: opening hours are a matter of who reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

#: Seconds from one moment to a later one.
Elapsed = Callable[[datetime, datetime], float]


def _on_the_clock(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()


class Said(NamedTuple):
    """One message. `direction` as in the messages' table; automatic answers serve nobody."""

    at: datetime
    direction: Literal["in", "out", "note"]
    automatic: bool = False
    author: str = ""


class Turned(NamedTuple):
    """One change of status: open, pending, resolved, snoozed."""

    at: datetime
    status: str


class Served(NamedTuple):
    """Seconds, or None where it did not happen (yet). `waiting_since`: the customer's word nobody has answered."""

    first_response: float | None
    next_responses: tuple[float, ...]
    resolution: float | None
    reopened: int
    one_contact: bool
    waiting_since: datetime | None
    first_agent: str


def served(messages: Iterable[Said], changes: Iterable[Turned], elapsed: Elapsed = _on_the_clock) -> Served:
    """The figures of one conversation, from its messages and changes of status in any order."""
    spoken = sorted((each for each in messages if each.direction != "note" and not each.automatic), key=_order)
    answers, waiting_since, first_agent = _answers(spoken, elapsed)
    opened = [each.at for each in spoken if each.direction == "in"] or [each.at for each in spoken]
    turned = sorted(changes, key=lambda each: (each.at, each.status))
    start = min([*opened[:1], *(each.at for each in turned[:1])], default=None)
    resolved, reopened = _resolution(turned, opened)
    return Served(
        first_response=answers[0] if answers else None,
        next_responses=tuple(answers[1:]),
        resolution=elapsed(start, resolved) if resolved and start and resolved >= start else None,
        reopened=reopened,
        one_contact=resolved is not None and reopened == 0 and _rounds(spoken) <= 1,
        waiting_since=waiting_since if resolved is None or (waiting_since and waiting_since > resolved) else None,
        first_agent=first_agent,
    )


def _order(said: Said) -> tuple[datetime, bool]:
    return said.at, said.direction == "out"


def _answers(spoken: Sequence[Said], elapsed: Elapsed) -> tuple[list[float], datetime | None, str]:
    """Seconds from each first unanswered word of the customer to the answer; since when one waits; who answered first."""
    found: list[float] = []
    asked: datetime | None = None
    agent = ""
    for said in spoken:
        if said.direction == "in":
            asked = asked or said.at
        elif asked is not None:
            found.append(elapsed(asked, said.at))
            agent = agent or said.author
            asked = None
    return found, asked, agent


def _resolution(turned: Sequence[Turned], asked: Sequence[datetime]) -> tuple[datetime | None, int]:
    """The moment it was resolved for good, and how often it was opened again: by a status, or by the customer's word."""
    resolved: datetime | None = None
    reopened = 0
    events = sorted([(each.at, 1, each.status) for each in turned] + [(at, 0, "asked") for at in asked])
    for at, _, what in events:
        if what == "resolved":
            resolved = resolved or at
        elif what in ("open", "asked") and resolved is not None and at > resolved:
            resolved, reopened = None, reopened + 1
    return resolved, reopened


def _rounds(spoken: Sequence[Said]) -> int:
    """How often the customer spoke, words in a row counted once."""
    directions = [each.direction for each in spoken]
    return sum(
        direction == "in" and (number == 0 or directions[number - 1] != "in")
        for number, direction in enumerate(directions)
    )
