"""How conversations were served: responses, resolution, one contact, reopened; by channel, agent and hour. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from crm360.conversations.serving import Served
from crm360.insights.percentiles import spread
from crm360.insights.retention import share


class Talk(NamedTuple):
    """A conversation; seconds in `served` are of opening hours. `hour` is that of the shop's clock when it began."""

    conversation_id: int
    profile_id: int | None
    channel: str
    agent: str
    started_at: datetime
    hour: int
    status: str
    served: Served


class Target(NamedTuple):
    """What is promised: seconds of opening hours, None where nothing is."""

    first: float | None = None
    next: float | None = None
    resolution: float | None = None


class Due(NamedTuple):
    """A customer who waits: since when, until when an answer is promised, and how that stands: late, soon, in time."""

    conversation_id: int
    profile_id: int | None
    channel: str
    agent: str
    waiting_since: datetime
    due_at: datetime | None
    state: str


def figures(talks: Iterable[Talk], targets: Mapping[str, Target]) -> dict[str, Any]:
    """All conversations, then by channel, by who answered first, by hour of the day."""
    known = list(talks)
    groups: dict[str, defaultdict[str, list[Talk]]] = {name: defaultdict(list) for name in ("channel", "agent", "hour")}
    for talk in known:
        groups["channel"][talk.channel].append(talk)
        groups["agent"][talk.agent].append(talk)
        groups["hour"][f"{talk.hour:02d}"].append(talk)
    parts = {
        name: [{"name": key, **of(group[key], targets)} for key in sorted(group)] for name, group in groups.items()
    }
    return {"all": of(known, targets), **parts}


def of(talks: Sequence[Talk], targets: Mapping[str, Target]) -> dict[str, Any]:
    """The figures of some conversations: seconds as spreads, rates of those resolved, promises kept."""
    first = [each.served.first_response for each in talks if each.served.first_response is not None]
    resolved = [each for each in talks if each.served.resolution is not None]
    return {
        "conversations": len(talks),
        "first": spread(first),
        "next": spread([seconds for each in talks for seconds in each.served.next_responses]),
        "resolution": spread([each.served.resolution or 0.0 for each in resolved]),
        "one_contact": share(sum(each.served.one_contact for each in resolved), len(resolved)),
        "reopened": share(sum(each.served.reopened > 0 for each in talks), len(talks)),
        "kept": kept(talks, targets),
    }


def kept(talks: Iterable[Talk], targets: Mapping[str, Target]) -> dict[str, float | None]:
    """Share of responses and resolutions that came within what their channel promises; None where nothing is promised."""
    asked: dict[str, list[bool]] = {"first": [], "next": [], "resolution": []}
    for talk in talks:
        promised = target_of(targets, talk.channel)
        if promised.first is not None and talk.served.first_response is not None:
            asked["first"].append(talk.served.first_response <= promised.first)
        if promised.next is not None:
            asked["next"] += [seconds <= promised.next for seconds in talk.served.next_responses]
        if promised.resolution is not None and talk.served.resolution is not None:
            asked["resolution"].append(talk.served.resolution <= promised.resolution)
    return {name: share(sum(found), len(found)) for name, found in asked.items()}


def target_of(targets: Mapping[str, Target], channel: str) -> Target:
    """A channel's own promise, or the one for all ("")."""
    return targets.get(channel) or targets.get("") or Target()
