"""The paths customers take, drawn; and where they leave."""

from __future__ import annotations

from flask import render_template, request

from crm360.flows import personas
from crm360.insights import figures
from crm360.kernel import clock
from crm360.segments import queries as segments
from crm360.web import drawn_figures, insight_words
from crm360.web.blueprint import door
from crm360.web.policy import requires


@door.get("/insights/journeys")
@requires("insights.read")
def journeys() -> str:
    if (segment_id := request.args.get("segment", type=int)) is not None:
        return of_segment(segment_id)
    kept = figures.of("journeys")
    if kept is None:
        return render_template("insights/soon.html")
    told = kept.document
    flow = drawn_figures.sankey(told["links"])
    return render_template(
        "insights/journeys.html", kept=kept, told=told, flow=flow, draw=drawn_figures, words=insight_words,
        segments=segments.names(), ways=None,
    )  # fmt: skip


def of_segment(segment_id: int) -> str:
    """The same of the members of one segment, as they are now."""
    ways = personas.ways_of(segment_id, now=clock.now())
    return render_template(
        "insights/journeys.html", kept=None, told=ways.told, flow=drawn_figures.sankey(ways.told["links"]), draw=drawn_figures,
        words=insight_words, segments=segments.names(), ways=ways,
    )  # fmt: skip
