"""What the pictures of the insights pages draw, as files for a spreadsheet."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from werkzeug.wrappers import Response

from crm360.commerce import value_sums
from crm360.flows import personas
from crm360.insights import figures
from crm360.kernel import clock
from crm360.web import drawn_figures, tables
from crm360.web.blueprint import door
from crm360.web.policy import requires


@door.get("/insights/cohorts.csv")
@requires("insights.read")
def cohorts_file() -> Response:
    cohorts = told("loyalty")["cohorts"]
    longest = max((len(each["active"]) for each in cohorts), default=0)
    header = ("cohort", "customers", *(f"month_{age}" for age in range(longest)))
    return tables.as_csv(header, ([each["month"], each["size"], *each["active"]] for each in cohorts), name="cohorts")


@door.get("/insights/rfm.csv")
@requires("insights.read")
def rfm_file() -> Response:
    """A line a cell and currency; cells of nobody are there, too."""
    squares = drawn_figures.grid(value_sums.by_cell())
    lines = [
        (each.recency, each.frequency, each.count, code, minor)
        for each in squares
        for code, minor in (each.spend or {"": 0}).items()
    ]
    return tables.as_csv(("recency", "frequency", "customers", "currency", "spent_minor"), lines, name="rfm")


@door.get("/insights/flows.csv")
@requires("insights.read")
def flows_file() -> Response:
    """Flows between the steps of journeys; without a step to, journeys end there."""
    lines = ((place + 1, one, other, count) for place, one, other, count in ways()["links"])
    return tables.as_csv(("step", "from", "to", "journeys"), lines, name="flows")


@door.get("/insights/funnel.csv")
@requires("insights.read")
def funnel_file() -> Response:
    steps = ways()["funnel"]
    lines = ((each["step"], each["customers"], each["median"]) for each in steps)
    return tables.as_csv(("step", "customers", "median_seconds"), lines, name="funnel")


def told(family: str) -> dict[str, Any]:
    """The figures as kept; nothing is there before they are computed."""
    kept = figures.of(family)
    if kept is None:
        abort(404)
    return kept.document


def ways() -> dict[str, Any]:
    """Journeys of everybody, or of the segment the address names."""
    segment_id = request.args.get("segment", type=int)
    return told("journeys") if segment_id is None else personas.ways_of(segment_id, now=clock.now()).told
