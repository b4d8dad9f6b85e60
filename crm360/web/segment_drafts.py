"""The builder: a rule as cards that are counted while they are changed, without script as with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.kernel import clock
from crm360.kernel.errors import Invalid
from crm360.segments import operations, queries
from crm360.segments.reachable import Waterfall
from crm360.segments.templates import TEMPLATES
from crm360.web import rule_form, segment_view
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires
from crm360.web.visitors import actor, present


@door.get("/segments/new")
@requires("segments.manage")
def new_segment() -> str:
    template = TEMPLATES.get(request.args.get("template", ""))
    rule = rule_form.of_template(template.rule) if template else rule_form.empty()
    polish = segment_view.language().startswith("pl")
    name = (template.name.pl if polish else template.name.en) if template else ""
    return page(rule, {"name": name, "marketing": "yes"})


@door.get("/segments/<int:segment_id>/edit")
@requires("segments.manage")
def edit_segment(segment_id: int) -> str | Response:
    segment = queries.get(segment_id)
    version = queries.version(segment)
    if version is None:
        return redirect(url_for("web.segment", segment_id=segment_id), 303)
    said = {"name": segment.name, "description": segment.description, "tag": segment.tag}
    return page(dict(version.rule), said | ({"marketing": "yes"} if segment.marketing else {}), segment_id=segment_id)


@door.post("/segments/draft")
@requires("segments.manage")
def draft_segment() -> str | tuple[str, int] | Response:
    form = request.form.to_dict()
    said = rule_form.read(form, segment_view.zone())
    segment_id = int(form["segment_id"]) if form.get("segment_id", "").isdigit() else None
    if form.get("do") == "save":
        return save(said, form, segment_id)
    return page(rule_form.done(said, form.get("do", "")), form, segment_id=segment_id)


@door.post("/segments/draft/people")
@requires("segments.manage")
def draft_people() -> str:
    """The people behind a number of a draft."""
    form = request.form.to_dict()
    shown = composed(rule_form.read(form, segment_view.zone()), form, None, clock.now())
    step = form.get("step", "")
    ids = behind(shown.get("waterfall"), step)
    name = "segments/people.html" if is_fragment() else "segments/people_page.html"
    return render_template(name, people=segment_view.people(ids[:500]), many=len(ids), step=step)


def behind(fall: Waterfall | None, step: str) -> list[int]:
    """The people a waterfall leaves at a step."""
    if fall is None:
        return []
    return fall.reached if step == "reachable" else next((each.lost for each in fall.steps if each.name == step), [])


def save(said: dict[str, Any], form: dict[str, str], segment_id: int | None) -> str | tuple[str, int] | Response:
    """Keep the draft as a segment, or show it again with what is wrong."""
    try:
        segment_id = kept(said, form, segment_id, clock.now())
    except Invalid as error:
        return page(said, form, segment_id=segment_id, refused=error), error.status
    audit.record(actor=actor(), action="segment.saved", subject_kind="segment", subject_id=segment_id, now=clock.now())
    flash(gettext("Saved."))
    target = url_for("web.segment", segment_id=segment_id)
    return Response(headers={"HX-Redirect": target}) if is_fragment() else redirect(target, 303)


def kept(said: dict[str, Any], form: dict[str, str], segment_id: int | None, now: datetime) -> int:
    """Write the segment down. Raises BadSegment, BadRule."""
    about: dict[str, Any] = {
        "name": form.get("name", ""),
        "description": form.get("description", ""),
        "tag": form.get("tag", ""),
        "marketing": "marketing" in form,
    }
    by = present().staff.name
    if segment_id is None:
        return operations.create(by=by, now=now, rule=said, **about).id
    operations.set_rule(segment_id=segment_id, rule=said, by=by, now=now)
    return operations.describe(segment_id=segment_id, now=now, **about).id


def page(
    said: dict[str, Any], form: dict[str, str], *, segment_id: int | None = None, refused: Invalid | None = None
) -> str:
    """The builder, or the part of it that changes."""
    shown = composed(said, form, segment_id, clock.now())
    name = "segments/builder.html" if is_fragment() else "segments/builder_page.html"
    return render_template(name, form=form, refused=refused, fresh=list(rule_form.FRESH), **shown)


def composed(said: dict[str, Any], form: dict[str, str], segment_id: int | None, now: datetime) -> dict[str, Any]:
    """What the builder shows of a draft."""
    channel = form.get("channel", "email")
    return segment_view.draft(
        said, marketing="marketing" in form, purpose=form.get("purpose") or segment_view.USUAL_PURPOSE,
        channel=channel if channel in segment_view.CHANNELS else "email", who=form.get("who", ""), segment_id=segment_id, now=now,
    )  # fmt: skip
