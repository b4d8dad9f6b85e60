"""Who comes back: the loyalty page, the RFM grid."""

from __future__ import annotations

from flask import render_template

from crm360.commerce import value_fits, value_sums
from crm360.insights import churn, figures
from crm360.web import drawn_figures, insight_words
from crm360.web.blueprint import door
from crm360.web.policy import requires

MONTHS_SHOWN = 13


@door.get("/insights/loyalty")
@requires("insights.read")
def loyalty() -> str:
    kept = figures.of("loyalty")
    if kept is None:
        return render_template("insights/soon.html")
    told = kept.document
    return render_template(
        "insights/loyalty.html", kept=kept, told=told, heat=drawn_figures.heat(told["cohorts"]), draw=drawn_figures,
        words=insight_words, churn_rate=churn.rate(told["churn"]), months=MONTHS_SHOWN,
    )  # fmt: skip


@door.get("/insights/rfm")
@requires("insights.read")
def rfm() -> str:
    found = value_fits.newest()
    if found is None:
        return render_template("insights/soon.html")
    squares = drawn_figures.grid(value_sums.by_cell())
    return render_template("insights/rfm.html", fit=found[1], squares=squares, draw=drawn_figures)
