"""How customers are doing: the figures of a period beside those of the one before, and what to act on. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

from crm360.commerce.purchase_history import Document
from crm360.insights.resolution import Talk
from crm360.insights.retention import share
from crm360.surveys import kinds, scores

#: Figures of which more is worse; the others are better the higher, save those of `NEUTRAL`.
WORSE_WHEN_MORE = frozenset({"first_response", "resolution", "reopened", "returns", "return_rate", "abandoned"})
NEUTRAL = frozenset({"conversations"})


class Period(NamedTuple):
    """From `start`, inclusive, to `end`, exclusive."""

    start: datetime
    end: datetime

    def holds(self, at: datetime | None) -> bool:
        return at is not None and self.start <= at < self.end


class Left(NamedTuple):
    """A cart left behind."""

    profile_id: int | None
    at: datetime
    currency: str
    total_minor: int | None


class Answered(NamedTuple):
    """An answer on a scale; `profile_id` None: nobody is known to have given it."""

    profile_id: int | None
    kind: str
    score: int
    at: datetime

    @property
    def bad(self) -> bool:
        return kinds.is_bad(self.kind, self.score)

    @property
    def good(self) -> bool:
        return kinds.is_good(self.kind, self.score)


def figures(
    documents: Mapping[int, Sequence[Document]],
    talks: Iterable[Talk],
    carts: Iterable[Left],
    answers: Iterable[Answered],
    period: Period,
) -> dict[str, Any]:
    """The figures of one period; money by currency, times in seconds of opening hours, None where nothing happened."""
    within = {whose: [each for each in theirs if period.holds(each.placed_at)] for whose, theirs in documents.items()}
    orders = {whose: [each for each in theirs if each.is_order] for whose, theirs in within.items()}
    buyers = {whose for whose, theirs in orders.items() if theirs}
    new = {whose for whose in buyers if period.holds(_first(documents[whose]))}
    spoken = [talk for talk in talks if period.holds(talk.started_at)]
    answered = [talk.served.first_response for talk in spoken if talk.served.first_response is not None]
    resolved = [talk for talk in spoken if talk.served.resolution is not None]
    count = sum(map(len, orders.values()))
    returns = sum(_taken_back(each) for theirs in within.values() for each in theirs)
    return {
        "buyers": len(buyers),
        "new": len(new),
        "returning": len(buyers) - len(new),
        "orders": count,
        **_money(within.values(), orders.values()),
        "returns": returns,
        "return_rate": share(returns, count),
        "abandoned": sum(period.holds(cart.at) for cart in carts),
        **_scores([answer for answer in answers if period.holds(answer.at)]),
        "conversations": len(spoken),
        "first_response": median(answered) if answered else None,
        "resolution": median(talk.served.resolution or 0.0 for talk in resolved) if resolved else None,
        "one_contact": share(sum(talk.served.one_contact for talk in resolved), len(resolved)),
        "reopened": share(sum(talk.served.reopened > 0 for talk in spoken), len(spoken)),
    }


def _scores(answers: Sequence[Answered]) -> dict[str, Any]:
    """NPS and CSAT of these answers, None without any, each with its count and the bounds of its 95 % interval."""
    found: dict[str, Any] = {}
    for kind in ("nps", "csat"):
        scored = scores.score(kind, Counter(answer.score for answer in answers if answer.kind == kind))
        found |= {kind: scored.value if scored else None, f"{kind}_answers": scored.answers if scored else 0}
        found[f"{kind}_interval"] = [scored.low, scored.high] if scored else None
    return found


def unhappy(answers: Iterable[Answered], now: datetime) -> list[int]:
    """Customers whose latest answer to anything was a bad one, at most 90 days ago; ascending.

    The same as `surveys.queries.unhappy_profiles`, of answers read already.
    """
    latest = {each.profile_id: each for each in sorted(answers, key=lambda each: each.at) if each.at <= now}
    recent = timedelta(days=kinds.UNHAPPY_DAYS)
    return sorted(whose for whose, each in latest.items() if whose is not None and each.bad and now - each.at <= recent)


def _first(documents: Iterable[Document]) -> datetime | None:
    return min((each.placed_at for each in documents if each.is_order), default=None)


def _taken_back(document: Document) -> bool:
    return document.kind == "return" or (document.is_order and document.refunded_minor > 0)


def _money(documents: Iterable[Sequence[Document]], orders: Iterable[Sequence[Document]]) -> dict[str, dict[str, int]]:
    revenue: defaultdict[str, int] = defaultdict(int)
    counts: Counter[str] = Counter(each.currency for theirs in orders for each in theirs)
    for theirs in documents:
        for each in theirs:
            revenue[each.currency] += each.net_minor
    average = {code: round(revenue[code] / number) for code, number in counts.items()}
    return {"revenue": dict(sorted(revenue.items())), "average_order": dict(sorted(average.items()))}


class Action(NamedTuple):
    """Something to act on: how many customers, what is at stake (minor units, None where it cannot be told in money)."""

    name: str
    customers: int
    stake_minor: int | None
    currency: str


def to_act_on(found: Sequence[Action], *, most: int = 3) -> list[Action]:
    """The most pressing: who waits for an answer, then what most money hangs on; what concerns nobody is left out."""
    present = [action for action in found if action.customers]
    return sorted(present, key=lambda each: (each.name != "waiting", -(each.stake_minor or 0), each.name))[:most]


def direction(name: str, now: float | None, before: float | None) -> str:
    """Whether a change is good, bad or neither."""
    if now is None or before is None or now == before or name in NEUTRAL:
        return ""
    return "bad" if (now > before) == (name in WORSE_WHEN_MORE) else "good"


def change(now: float | None, before: float | None) -> float | None:
    """The relative change, None when there was nothing before."""
    return (now - before) / before if now is not None and before else None
