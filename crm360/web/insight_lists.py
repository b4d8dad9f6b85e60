"""Which customers a link on the insights pages asks for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext

from crm360.flows import scored
from crm360.identity import queries as identity
from crm360.insights import acting, behind, experience, figures, promises, reading
from crm360.insights.behind import Behind
from crm360.insights.experience import Period
from crm360.insights.opening import Opening
from crm360.profiles import points
from crm360.segments import queries as segments
from crm360.surveys import queries as surveys
from crm360.web import formats, insight_periods, insight_words, labels, team


class Asked(NamedTuple):
    """The customers with what they are called together and why they are on one list."""

    title: Any
    why: Any
    behind: Behind


def asked(args: Mapping[str, str], *, now: datetime) -> Asked | None:
    """What the query of a page names; None when it names nothing known."""
    if (figure := args.get("figure", "")) in insight_words.FIGURES:
        return _figure(figure, args.get("window", "now"))
    if (state := args.get("state", "")) in insight_words.STATES:
        label, definition = insight_words.STATES[state]
        return Asked(label, definition, behind.of_value(state, now=_moment("loyalty", now)))
    if (action := args.get("action", "")) in insight_words.ACTIONS:
        return _action(action, now)
    if (name := args.get("of", "")) in insight_words.LISTS:
        return Asked(insight_words.LISTS[name], "", _listed(name, now))
    return _cell(args) or _cohort(args) or _path(args) or _scored(args)


def _figure(figure: str, window: str) -> Asked | None:
    period, words = insight_periods.period_of(window), insight_words.FIGURES[figure]
    if period is None:
        return None
    last = period.end - timedelta(seconds=1)
    between = f"{formats.day(period.start)} – {formats.day(last)}"
    return Asked(f"{words.label}: {between}", words.definition, behind.customers(figure, period=period))


def _action(action: str, now: datetime) -> Asked:
    label, why = insight_words.ACTIONS[action]
    at = _moment("experience", now)
    if action == "waiting":
        return Asked(label, why, _waiting(now))
    if action == "unhappy":
        return Asked(label, why, behind.of_ids(experience.unhappy(reading.answers(), at)))
    if action == "carts":
        week = Period(at - timedelta(days=behind.CART_DAYS), at)
        return Asked(label, why, behind.customers("abandoned", period=week))
    return Asked(label, why, behind.of_value(action, now=at))


def _listed(name: str, now: datetime) -> Behind:
    """Customers of a list as they are now."""
    if name == "points":
        return _holders()
    if name == "unhappy":
        return behind.of_ids(surveys.unhappy_profiles(now))
    return behind.of_value(name, now=now)


def _holders() -> Behind:
    """Customers who have loyalty points, who has most first."""
    held = {whose: balance for whose, balance in points.balances().items() if balance > 0}
    ranked = sorted(held, key=lambda whose: (-held[whose], whose))
    return Behind(ranked[: behind.MOST_LISTED], len(ranked))


def _waiting(now: datetime) -> Behind:
    """Customers whose answer is late now."""
    due = waiting(now=now, opening=opening())
    late = dict.fromkeys(each.profile_id for each in due if each.state == "late" and each.profile_id is not None)
    return Behind(list(late)[: behind.MOST_LISTED], len(late))


def waiting(*, now: datetime, opening: Opening) -> list[Any]:
    """Everybody who waits for an answer at this moment, the most urgent first."""
    talks = reading.talks(opening=opening, only_waiting=True)
    return acting.due(talks, targets=promises.targets(), opening=opening, now=now)


def opening() -> Opening:
    """The shop's opening hours."""
    zone, country = formats.zone_and_country()
    return promises.opening(zone=zone, country=country)


def _cell(args: Mapping[str, str]) -> Asked | None:
    recency, frequency = (args.get(name, "") for name in ("recency", "frequency"))
    if not (recency in "12345" and frequency in "12345" and recency and frequency):
        return None
    title = gettext("Recency %(recency)s, frequency %(frequency)s", recency=recency, frequency=frequency)
    return Asked(title, gettext("One cell of the RFM grid; 5 is best."), behind.in_cell(int(recency), int(frequency)))


def _cohort(args: Mapping[str, str]) -> Asked | None:
    try:
        month = date.fromisoformat(f"{args.get('cohort', '')}-01")
    except ValueError:
        return None
    title = gettext("First purchase in %(month)s", month=formats.month(month))
    return Asked(title, "", behind.in_cohort(f"{month:%Y-%m}"))


def _path(args: Mapping[str, str]) -> Asked | None:
    kept, number = figures.of("journeys"), args.get("path", "")
    if kept is None or not number.isascii() or not number.isdigit() or int(number) >= len(kept.document["paths"]):
        return None
    path = kept.document["paths"][int(number)]
    ids = list(dict.fromkeys(identity.current(each) for each in path["profiles"]))
    title = " → ".join(str(insight_words.STEPS[step]) for step in path["steps"])
    return Asked(title, gettext("Some of the customers who went this way."), Behind(ids, len(ids)))


def _scored(args: Mapping[str, str]) -> Asked | None:
    """Who gave the answers of a part of a survey; of an agent's only to who may see that agent's figures."""
    survey_id, part, key = args.get("survey", ""), args.get("part", ""), args.get("key", "")
    if part not in scored.KINDS or not survey_id.isascii() or not survey_id.isdigit():
        return None
    if part == "agent" and not team.sees_agent(key):
        return None
    survey, zone = surveys.get(int(survey_id)), ZoneInfo(formats.zone_and_country()[0])
    why = gettext("Customers who gave these answers, the unhappiest first; anonymous answers have nobody behind them.")
    title = f"{survey.name}: {insight_words.PARTS[part]} {part_name(part, key)}"
    return Asked(title, why, scored.customers(survey.id, part, key, zone=zone))


def part_name(part: str, key: str) -> str:
    """What people call a part of a survey's answers."""
    if part == "month" and (first := insight_periods.month(key)) is not None:
        return formats.month(first)
    if part == "channel":
        return str(labels.words(labels.ANSWER_CHANNELS, key))
    if part == "segment":
        return next((each.name for each in segments.names() if str(each.id) == key), key)
    return key


def _moment(family: str, now: datetime) -> datetime:
    """The moment figures of a family tell of: their lists are of the same."""
    kept = figures.of(family)
    return kept.computed_at if kept else now
