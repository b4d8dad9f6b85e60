"""How customers are served: figures, who waits now, and what is promised."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.insights import figures, promises
from crm360.kernel import clock
from crm360.profiles import queries as profiles
from crm360.web import insight_lists, insight_words, team
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor

#: Channels a promise can be made for; "" stands for all others.
CHANNELS = ("", "email", "chat", "social", "phone")
WAITING_SHOWN = 50


@door.get("/insights/service")
@requires("insights.read")
def service_figures() -> str:
    kept, opening = figures.of("service"), insight_lists.opening()
    waiting = insight_lists.waiting(now=clock.now(), opening=opening)
    names = profiles.golden([each.profile_id for each in waiting[:WAITING_SHOWN] if each.profile_id])
    return render_template(
        "insights/service.html", kept=kept, waiting=waiting, names=names, most=WAITING_SHOWN, words=insight_words,
        agents=team.seen_agents(kept.document) if kept else [], opening=opening, targets=promises.targets(), channels=CHANNELS,
    )  # fmt: skip


@door.post("/insights/hours")
@requires("insights.manage")
def set_hours() -> Response:
    hours = {
        day: (_minutes(request.form.get(f"opens-{day}", "")), _minutes(request.form.get(f"closes-{day}", "")))
        for day in range(7)
        if request.form.get(f"open-{day}")
    }
    promises.set_hours(hours=hours, by=actor().name, now=clock.now())
    flash(gettext("Saved. The figures follow within half an hour."))
    return redirect("/insights/service", 303)


@door.post("/insights/promises")
@requires("insights.manage")
def set_promises() -> Response:
    for channel in CHANNELS:
        names = (f"{channel or 'all'}-{what}" for what in ("first", "next", "resolution"))
        first, following, resolution = (_number(request.form.get(name, "")) for name in names)
        if channel == "" or any(each is not None for each in (first, following, resolution)):
            promises.set_promise(
                channel=channel, minutes=(first, following, resolution), by=actor().name, now=clock.now()
            )
        else:
            promises.take_back(channel=channel)
    flash(gettext("Saved. The figures follow within half an hour."))
    return redirect("/insights/service", 303)


def _minutes(text: str) -> int:
    """09:30 → 570; −1 for what is no time, which no room takes."""
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute) if hour.isdigit() and minute.isdigit() else -1


def _number(text: Any) -> int | None:
    return int(text) if str(text).strip().isdigit() else None
