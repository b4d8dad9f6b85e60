"""The figures pages show: computed from the facts, kept as they were computed, replaced as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from crm360.insights import acting, churn, experience, journeys, points, reading, resolution, retention, revenue
from crm360.insights.experience import Answered, Period
from crm360.insights.models import Figure
from crm360.insights.opening import Opening
from crm360.insights.reading import Facts
from crm360.insights.resolution import Target
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of
from crm360.profiles import points as loyalty_points

FAMILIES = ("experience", "loyalty", "service", "journeys")
#: `period_on` of figures that are not of a month.
NEWEST = date(1970, 1, 1)
#: The experience page compares this many days with as many before; journeys and service look so far back.
EXPERIENCE_DAYS, JOURNEY_DAYS, SERVICE_DAYS = 30, 90, 90
REPORTED_MONTHS = 13


@dataclass(frozen=True, slots=True)
class Terms:
    """What figures are computed by besides the facts."""

    opening: Opening
    targets: Mapping[str, Target]


@dataclass(frozen=True, slots=True)
class Kept:
    """Figures with the moment they tell of."""

    computed_at: datetime
    document: dict[str, Any]


def computed(*, terms: Terms, now: datetime) -> dict[tuple[str, date], dict[str, Any]]:
    """Every document by (family, period). Only reads."""
    known = reading.facts(opening=terms.opening, now=now)
    here = now.astimezone(dialects.shop_zone(db.session))
    newest = retention.month_of(here.toordinal())
    touches = reading.touches(since=reading.window(now, JOURNEY_DAYS), until=now)
    recent = [talk for talk in known.talks if talk.started_at >= reading.window(now, SERVICE_DAYS)]
    found: dict[tuple[str, date], dict[str, Any]] = {
        ("experience", NEWEST): _experience(known, terms, now),
        ("loyalty", NEWEST): {**loyalty(known, now=here), "points": points.summed(loyalty_points.balances())},
        ("service", NEWEST): {"days": SERVICE_DAYS, **resolution.figures(recent, terms.targets)},
        ("journeys", NEWEST): {
            "days": JOURNEY_DAYS,
            **ways(touches, known.answers),
        },
    }
    for number in range(newest - REPORTED_MONTHS + 1, newest + 1):
        found["month", retention.first_of(number)] = _figures(known, month(retention.first_of(number)))
    return found


def ways(touches: Mapping[int, journeys.Steps], answers: Sequence[Answered]) -> dict[str, Any]:
    """The paths of these customers, their funnel, and what came before their answers."""
    return {
        **journeys.flows(touches),
        "funnel": journeys.funnel(touches, journeys.TO_PURCHASE),
        "before_answers": journeys.before_answers(touches, answers),
    }


def loyalty(known: Facts, *, now: datetime) -> dict[str, Any]:
    """Who comes back; days and months are those of the clock `now` is told by."""
    history, today = known.history(), now.toordinal()
    month = retention.month_of(today)
    return {
        "repeat": retention.repeat_rate(history, today=today),
        "cohorts": retention.cohorts(history, until=month),
        "retention": retention.monthly_retention(history, until=month),
        "pauses": retention.pauses(history),
        "steps": retention.steps(history),
        "revenue": revenue.by_month(known.documents, known.unknown),
        "churn": churn.states(known.silences(now)),
    }


def _experience(known: Facts, terms: Terms, now: datetime) -> dict[str, Any]:
    span = timedelta(days=EXPERIENCE_DAYS)
    return {
        "days": EXPERIENCE_DAYS,
        "now": _figures(known, Period(now - span, now)),
        "before": _figures(known, Period(now - 2 * span, now - span)),
        "actions": [each._asdict() for each in experience.to_act_on(acting.found(known, terms, now))],
    }


def _figures(known: Facts, period: Period) -> dict[str, Any]:
    return experience.figures(known.documents, known.talks, known.carts, known.answers, period)


def month(first: date) -> Period:
    """A month by the shop's clock, given by its first day."""
    return Period(_midnight(first), _midnight(retention.first_of(first.year * 12 + first.month)))


def _midnight(on: date) -> datetime:
    here = datetime(on.year, on.month, on.day, tzinfo=dialects.shop_zone(db.session))
    return here.astimezone(UTC)


def keep(documents: Mapping[tuple[str, date], dict[str, Any]], *, now: datetime) -> None:
    """Put documents in the place of those kept before."""
    rows = [
        {"family": family, "period_on": period_on, "computed_at": now, "document": document}
        for (family, period_on), document in sorted(documents.items())
    ]
    dialects.upsert(db.session, table_of(Figure), rows, ["family", "period_on"])


def of(family: str, period_on: date = NEWEST) -> Kept | None:
    """The figures of a family as last computed; None before the first time."""
    columns = select(Figure.computed_at, Figure.document)
    row = db.session.execute(columns.where(Figure.family == family, Figure.period_on == period_on)).one_or_none()
    return Kept(*row) if row else None


def months() -> list[date]:
    """Months that can be reported on, the newest first."""
    return list(db.session.scalars(select(Figure.period_on).where(Figure.family == "month").order_by(Figure.period_on.desc())))  # fmt: skip
