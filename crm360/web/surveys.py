"""Surveys: what is asked and when, the score with what it is made of, every answer with its customer."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Any

import segno
from flask import Response as FlaskResponse
from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.flows import answering_surveys, asking_surveys, closed_loop, unhappy
from crm360.kernel import clock
from crm360.profiles import queries as profiles
from crm360.sales import queries as sales
from crm360.segments import queries as segments
from crm360.surveys import kinds, operations, queries
from crm360.surveys.models import Survey
from crm360.surveys.queries import Which
from crm360.web import insight_words, survey_parts, work
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor, present

MONTHS = 12
PER_PAGE = 50


@door.get("/surveys")
@requires("customers.read")
def surveys() -> str:
    rows = [(each, queries.score_of(each)) for each in queries.surveys()]
    return render_template(
        "surveys/list.html",
        rows=rows,
        at_risk=answering_surveys.revenue_at_risk(now=clock.now()),
        closing=closed_loop.measured(now=clock.now()),
    )


@door.get("/surveys/new")
@requires("surveys.manage")
def new_survey() -> str:
    return form_page(None, {})


@door.post("/surveys/new")
@requires("surveys.manage")
def create_survey() -> Response | tuple[str, int]:
    return save(None, lambda wording: operations.create(wording=wording, now=clock.now()))


@door.get("/surveys/<int:survey_id>")
@requires("customers.read")
def survey(survey_id: int) -> str:
    return render_template("surveys/survey.html", **shown(queries.get(survey_id)))


@door.get("/surveys/<int:survey_id>/edit")
@requires("surveys.manage")
def edit_survey(survey_id: int) -> str:
    found = queries.get(survey_id)
    return form_page(found, {name: getattr(found, name) for name in operations.Wording.__dataclass_fields__})


@door.post("/surveys/<int:survey_id>/edit")
@requires("surveys.manage")
def change_survey(survey_id: int) -> Response | tuple[str, int]:
    found = queries.get(survey_id)
    return save(found, lambda wording: operations.change(survey_id=survey_id, wording=wording))


@door.post("/surveys/<int:survey_id>/activation")
@requires("surveys.manage")
def activate_survey(survey_id: int) -> Response:
    asking_surveys.activate(survey_id=survey_id, now=clock.now())
    return noted("survey.activated", survey_id)


@door.post("/surveys/<int:survey_id>/deactivation")
@requires("surveys.manage")
def deactivate_survey(survey_id: int) -> Response:
    operations.deactivate(survey_id=survey_id, now=clock.now())
    return noted("survey.deactivated", survey_id)


@door.get("/surveys/<int:survey_id>/qr.svg")
@requires("customers.read")
def survey_code(survey_id: int) -> FlaskResponse:
    """The QR code for a store's counter; `?store=` says which one."""
    found, out = queries.get(survey_id), io.BytesIO()
    segno.make(link_of(found, via="qr", store=request.args.get("store", "")[:100] or None), error="m").save(
        out, kind="svg", scale=8, border=2
    )
    return FlaskResponse(out.getvalue(), mimetype="image/svg+xml")


def noted(action: str, survey_id: int) -> Response:
    audit.record(actor=actor(), action=action, subject_kind="survey", subject_id=survey_id, now=clock.now())
    return redirect(url_for("web.survey", survey_id=survey_id), 303)


def link_of(found: Survey, *, via: str | None = None, store: str | None = None) -> str:
    """The public address at which anybody answers anonymously."""
    path = url_for("public.show_open_survey", code=found.code, via=via, store=store)
    return f"{current_app.config['SETTINGS'].public_url}{path}"


def save(found: Survey | None, write: Callable[[operations.Wording], Survey]) -> Response | tuple[str, int]:
    """Keep what the form says, or show it again with what is wrong."""
    given = request.form.to_dict()
    try:
        kept = write(wording_asked())
    except operations.BadSurvey as error:
        return form_page(found, given, error=error), error.status
    flash(gettext("Saved."))
    return noted("survey.saved", kept.id)


def wording_asked() -> operations.Wording:
    form = request.form

    def number(name: str, usual: int) -> int:
        value = form.get(name, type=int)
        return usual if value is None else value

    return operations.Wording(
        name=form.get("name", ""), kind=form.get("kind", ""), question_en=form.get("question_en", ""),
        question_pl=form.get("question_pl", ""), owner_id=work.owner_asked(), purpose=form.get("purpose", "surveys"),
        trigger=form.get("trigger", ""), segment_id=form.get("segment_id", type=int), event_kind=form.get("event_kind", "").strip(),
        delay_hours=number("delay_hours", 0), cooldown_days=number("cooldown_days", 90),
        valid_days=number("valid_days", 30), again_days=form.get("again_days", type=int),
    )  # fmt: skip


def form_page(found: Survey | None, given: dict[str, Any], error: operations.BadSurvey | None = None) -> str:
    return render_template(
        "surveys/form.html", survey=found, given=given, error=error, kinds=list(kinds.KINDS),
        triggers=operations.TRIGGERS, segments=segments.names(), colleagues=work.colleagues(), mine=present().staff.id,
    )  # fmt: skip


def shown(found: Survey) -> dict[str, Any]:
    """The survey's page: its score, where it comes from, its answers."""
    bad, before = "bad" in request.args, request.args.get("before", type=int)
    told = queries.answers(found.id, bad=bad, before=before, limit=PER_PAGE)
    records = profiles.golden({each.profile_id for each in told if each.profile_id is not None})
    return {
        "survey": found, "score": queries.score_of(found), "scale": kinds.KINDS[found.kind], "kinds": kinds,
        "counts": queries.counts(found.id), "months": months(found, clock.now()),
        "parts": survey_parts.of(found, ("channel", "store", "agent")), "words": insight_words,
        "invited": queries.invited(found.id), "answers": told, "bad": bad, "address": link_of(found),
        "tasks": sales.tasks_from([f"{unhappy.ANSWER}{each.answer.id}" for each in told]), "origin": unhappy.ANSWER,
        "more": told[-1].answer.id if len(told) == PER_PAGE else None,
        "names": {number: record.display_name for number, record in records.items()},
    }  # fmt: skip


def months(found: Survey, now: datetime) -> list[tuple[datetime, Any]]:
    """(first instant of a month where the shop is, its score or None), the latest last."""
    here = now.astimezone(work.zone())
    starts = [first_of(here, back) for back in range(MONTHS, -2, -1)]
    spans = itertools.pairwise(starts)
    return [(since, queries.score_of(found, Which(since=since, until=until))) for since, until in spans]


def first_of(here: datetime, back: int) -> datetime:
    """The first instant of the month so many months back; −1: of the next one."""
    year, month = divmod(here.year * 12 + here.month - 1 - back, 12)
    return datetime(year, month + 1, 1, tzinfo=here.tzinfo)
