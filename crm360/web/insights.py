"""How customers are doing: the experience page, the monthly report, and the customers behind any figure."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request

from crm360.insights import behind, experience, figures
from crm360.kernel import clock
from crm360.web import found, insight_lists, insight_periods, insight_words
from crm360.web.blueprint import door
from crm360.web.policy import requires

#: Figures other pages, and the report, tell.
LEFT_TO_OTHER_PAGES = frozenset({"reopened", "orders"})


@door.get("/insights")
@requires("insights.read")
def insights() -> str:
    kept = figures.of("experience")
    if kept is None:
        return render_template("insights/soon.html")
    told = kept.document
    lines = on_one_screen(compared(told["now"], told["before"]))
    loyalty = figures.of("loyalty")
    return render_template(
        "insights/overview.html", kept=kept, lines=lines, actions=told["actions"], words=insight_words, days=told["days"],
        loyalty=loyalty.document if loyalty else None,
    )  # fmt: skip


@door.get("/insights/report")
@requires("insights.read")
def insights_report() -> str:
    months = figures.months()
    if not months:
        return render_template("insights/soon.html")
    chosen = insight_periods.month(request.args.get("month", "")) or (months[1] if len(months) > 1 else months[0])
    kept, before = figures.of("month", chosen), figures.of("month", insight_periods.before(chosen))
    if kept is None:
        abort(404)
    lines = compared(kept.document, before.document if before else {})
    return render_template(
        "insights/report.html", kept=kept, lines=lines, months=months, chosen=chosen, words=insight_words
    )


@door.get("/insights/customers")
@requires("insights.read")
def insights_customers() -> str:
    asked = insight_lists.asked(request.args, now=clock.now())
    if asked is None:
        abort(404)
    hits = found.by_ids(asked.behind.profile_ids, now=clock.now())
    return render_template("insights/customers.html", asked=asked, hits=hits, most=behind.MOST_LISTED)


def compared(now: dict[str, Any], before: dict[str, Any]) -> list[dict[str, Any]]:
    """Figures as lines, of money one per currency, the largest first; with the change and whether it is good, scores of
    surveys also with their count and interval."""
    lines = []
    for name, words in insight_words.FIGURES.items():
        money = words.form == "money"
        values = (now.get(name) or {"": None}) if money else {"": now.get(name)}
        earlier = (before.get(name) or {}) if money else {"": before.get(name)}
        ranked = sorted(values, key=lambda code: -(values[code] or 0))
        of = {"answers": now.get(f"{name}_answers"), "interval": now.get(f"{name}_interval")}
        lines += [_line(name, words, code, values[code], earlier.get(code)) | of for code in ranked]
    return lines


def _line(name: str, words: insight_words.Words, currency: str, value: Any, before: Any) -> dict[str, Any]:
    return {
        "name": name, "words": words, "currency": currency, "value": value, "before": before, "others": [],
        "change": _change(words.form, value, before), "direction": experience.direction(name, value, before),
    }  # fmt: skip


def _change(form: str, value: Any, before: Any) -> float | None:
    """Relative; of points on a scale the difference."""
    if form != "points":
        return experience.change(value, before)
    return None if value is None or before is None else value - before


def on_one_screen(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The main currency of each figure, the others told beside it."""
    shown: dict[str, dict[str, Any]] = {}
    for line in lines:
        if line["name"] in LEFT_TO_OTHER_PAGES:
            continue
        if line["name"] in shown:
            shown[line["name"]]["others"].append((line["currency"], line["value"]))
        else:
            shown[line["name"]] = line
    return list(shown.values())
