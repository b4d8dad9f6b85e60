"""Segments: the list, and of each its rule, its members, who came and went and why, overlaps, uses, versions."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.flows import segmenting
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.outreach import queries as outreach
from crm360.profiles.models import TimelineEntry
from crm360.segments import operations, queries
from crm360.segments.models import Segment
from crm360.segments.templates import TEMPLATES
from crm360.web import named, reads, segment_view
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires
from crm360.web.visitors import actor, present

TABS = ("rule", "members", "changes", "overlap", "uses", "versions")
PER_PAGE = 100


@door.get("/segments")
@requires("segments.read")
def segments() -> str:
    archived = request.args.get("show") == "archived"
    rows = [(each, segment_view.summary(each.segment, clock.now())) for each in queries.listed(archived=archived)]
    return render_template("segments/list.html", rows=rows, templates=offered(), archived=archived)


@door.get("/segments/<int:segment_id>")
@requires("segments.read")
def segment(segment_id: int) -> str:
    tab = request.args.get("tab", "rule")
    return page_of(segment_id, tab if tab in TABS else "rule")


def page_of(segment_id: int, tab: str, *, error: DomainError | None = None) -> str:
    """A segment with one of its tabs open."""
    found = queries.get(segment_id)
    summary = segment_view.summary(found, clock.now())
    return render_template("segments/segment.html", tab=tab, tabs=TABS, error=error, **summary, **shown(found, tab))


@door.post("/segments/static")
@requires("segments.manage")
def create_static_segment() -> Response:
    made = operations.create(name=request.form.get("name", ""), by=present().staff.name, now=clock.now())
    return noted("segment.saved", made.id, "members")


@door.post("/segments/<int:segment_id>/members")
@requires("segments.manage")
def change_members(segment_id: int) -> Response | tuple[str, int]:
    try:
        who = named.chosen(request.form.get("who", ""), field="who")
    except named.Unclear as error:
        return page_of(segment_id, "members", error=error), error.status
    change = operations.remove_members if request.form.get("do") == "remove" else operations.add_members
    moved = change(segment_id=segment_id, profile_ids=[who], by=present().staff.name, now=clock.now())
    segmenting.follow(moved, now=clock.now())
    return noted("segment.members_changed", segment_id, "members")


@door.post("/segments/<int:segment_id>/snapshot")
@requires("segments.manage")
def freeze_segment(segment_id: int) -> Response:
    name = request.form.get("name", "")
    made = operations.freeze(segment_id=segment_id, name=name, by=present().staff.name, now=clock.now())
    return noted("segment.frozen", made.id, "members")


@door.post("/segments/<int:segment_id>/archive")
@requires("segments.manage")
def archive_segment(segment_id: int) -> Response:
    operations.archive(segment_id=segment_id, now=clock.now())
    return noted("segment.archived", segment_id, "rule")


@door.post("/segments/<int:segment_id>/restoration")
@requires("segments.manage")
def restore_segment(segment_id: int) -> Response:
    operations.restore(segment_id=segment_id)
    return noted("segment.restored", segment_id, "rule")


@door.get("/customers/<int:profile_id>/segments")
@requires("customers.read")
def customer_segments(profile_id: int) -> str | Response:
    """The segments of a customer, and why."""
    if (living := identity.current(profile_id)) != profile_id:
        return redirect(url_for("web.customer_segments", profile_id=living))
    reads.note_opened(profile_id)
    rows = [(each, since, why(each, profile_id)) for each, since in queries.segments_of(profile_id)]
    name = "customers/segments.html" if is_fragment() else "customers/segments_page.html"
    return render_template(name, profile_id=profile_id, rows=rows)


def why(found: Segment, profile_id: int) -> segment_view.Tested | None:
    """The conditions of a customer in a dynamic segment."""
    rule = queries.rule_of(found)
    if rule is None:
        return None
    return segment_view.tested(rule, f"#{profile_id}", marketing=found.marketing, now=clock.now())


def shown(found: Segment, tab: str) -> dict[str, Any]:
    """What a tab shows."""
    now = clock.now()
    if tab == "members":
        after = request.args.get("after", "")
        ids = queries.member_ids(found.id, after=int(after) if after.isdigit() else 0, limit=PER_PAGE + 1)
        since = queries.since(found.id, ids)
        rows = [(each, since[each.id]) for each in segment_view.people(ids[:PER_PAGE])]
        purposes = segment_view.choices()["purposes"]
        return {"rows": rows, "purposes": purposes, "next_after": ids[PER_PAGE - 1] if len(ids) > PER_PAGE else None}
    if tab == "changes":
        page = queries.changes(found.id, before=request.args.get("before") or None)
        people = {each.id: each for each in segment_view.people({row.profile_id for row in page.rows})}
        return {"page": page, "people": people}
    if tab == "overlap":
        return {"overlaps": segment_view.overlaps(found, now)}
    if tab == "uses":
        sent = [each for each in outreach.campaigns() if each.audience.get("segment_id") == found.id]
        return {"users": queries.used_in(found.id), "campaigns": sent}
    if tab == "versions":
        return {"versions": segment_view.differences(found)}
    rule = queries.rule_of(found)
    who = request.args.get("who", "")
    return {"who": who, "tested": segment_view.tested(rule, who, marketing=found.marketing, now=now) if rule else None}


def offered() -> dict[str, tuple[str, str]]:
    """Templates by code: name and what for; one that needs events there are none of is left out."""
    polish = segment_view.language().startswith("pl")
    return {
        code: (each.name.pl, each.why.pl) if polish else (each.name.en, each.why.en)
        for code, each in TEMPLATES.items()
        if not each.needs or _happened(each.needs)
    }


def _happened(kind: str) -> bool:
    return db.session.scalar(select(TimelineEntry.id).where(TimelineEntry.kind == kind).limit(1)) is not None


def noted(action: str, segment_id: int, tab: str) -> Response:
    audit.record(actor=actor(), action=action, subject_kind="segment", subject_id=segment_id, now=clock.now())
    return redirect(url_for("web.segment", segment_id=segment_id, tab=tab), 303)
