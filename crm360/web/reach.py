"""May we write, call, text? The answers of a customer's consents, one per channel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

#: Channels always answered for, in the order a rep reads them.
CHANNELS = ("phone", "email", "sms")
#: Purposes that mean commercial contact.
OFFERS = frozenset({"marketing", "offers", "newsletter"})
#: States in which nothing may go out until the person or the address changes.
NO = ("withdrawn", "refused", "suppressed", "stopped")


class _Verdict(Protocol):
    @property
    def permitted(self) -> bool: ...
    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...


class Cell(Protocol):
    """One cell of the consent matrix, as `consents.queries.matrix` gives it."""

    @property
    def purpose(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def verdict(self) -> _Verdict: ...
    @property
    def since(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One channel: `answer` yes (offers may go out), no (somebody said no), service (nobody said anything valid)."""

    channel: str
    answer: Literal["yes", "no", "service"]
    state: str = ""
    reason: str = ""
    since: datetime | None = None


def by_channel(cells: Iterable[Cell]) -> list[Reach]:
    """One answer per channel: the usual ones, then any other a statement speaks of. One permitted address is enough."""
    offers = [cell for cell in cells if cell.purpose in OFFERS]
    others = sorted({cell.channel for cell in offers} - set(CHANNELS))
    return [_answer(channel, [cell for cell in offers if cell.channel == channel]) for channel in (*CHANNELS, *others)]


def _answer(channel: str, cells: Sequence[Cell]) -> Reach:
    permitted = [cell for cell in cells if cell.verdict.permitted]
    if permitted:
        telling = _latest(permitted)
        return Reach(channel=channel, answer="yes", state=telling.verdict.state, since=telling.since)
    if not cells:
        return Reach(channel=channel, answer="service")
    telling = _latest([cell for cell in cells if cell.verdict.state in NO] or cells)
    said_no = telling.verdict.state in NO
    return Reach(
        channel=channel,
        answer="no" if said_no else "service",
        state=telling.verdict.state,
        reason=telling.verdict.reason,
        since=telling.since,
    )


def _latest(cells: Sequence[Cell]) -> Cell:
    return max(cells, key=lambda cell: cell.since.timestamp() if cell.since else 0.0)
