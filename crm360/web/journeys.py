"""The paths customers take, drawn; and where they leave."""

from __future__ import annotations

from flask import render_template

from crm360.insights import figures
from crm360.web import drawn_figures, insight_words
from crm360.web.blueprint import door
from crm360.web.policy import requires


@door.get("/insights/journeys")
@requires("insights.read")
def journeys() -> str:
    kept = figures.of("journeys")
    if kept is None:
        return render_template("insights/soon.html")
    told = kept.document
    flow = drawn_figures.sankey(told["links"])
    return render_template(
        "insights/journeys.html", kept=kept, told=told, flow=flow, draw=drawn_figures, words=insight_words
    )
