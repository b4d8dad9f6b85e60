"""Segments as files at set times: which, where to, when next, and what became of the last ones."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.flows import segment_drops
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.segments import drops, queries
from crm360.segments.models import Drop
from crm360.web import segment_view
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor, present

DROP = "/segments/drops/<int:drop_id>"
WEEKDAYS = (
    _("on Mondays"), _("on Tuesdays"), _("on Wednesdays"), _("on Thursdays"), _("on Fridays"), _("on Saturdays"),
    _("on Sundays"),
)  # fmt: skip


@door.get("/segments/drops")
@requires("segments.export")
def scheduled_files() -> str:
    return drops_page()


@door.post("/segments/drops")
@requires("segments.export")
def schedule_file() -> Response | tuple[str, int]:
    try:
        segment_drops.place(settings().export_root, request.form.get("folder", ""), apart_from=settings().import_root)
        made = drops.create(**read_drop(), by=present().staff.name, now=clock.now())
    except DomainError as error:
        db.session.rollback()
        return drops_page(error=error), error.status
    return settled("drop.scheduled", made, gettext("Written from its next turn on."))


@door.post(f"{DROP}/pause")
@requires("segments.export")
def pause_file(drop_id: int) -> Response:
    return settled("drop.paused", drops.pause(drop_id=drop_id), gettext("Paused."))


@door.post(f"{DROP}/resume")
@requires("segments.export")
def resume_file(drop_id: int) -> Response:
    return settled("drop.resumed", drops.resume(drop_id=drop_id, now=clock.now()), gettext("Goes on."))


@door.post(f"{DROP}/turn")
@requires("segments.export")
def write_file_now(drop_id: int) -> Response:
    drop = drops.due_now(drop_id=drop_id, now=clock.now())
    return settled("drop.asked", drop, gettext("It is written within seconds; reload this page."))


@door.post(f"{DROP}/removal")
@requires("segments.export")
def remove_file(drop_id: int) -> Response:
    return settled(
        "drop.removed", drops.remove(drop_id=drop_id, now=clock.now()), gettext("No more files are written.")
    )


def read_drop() -> dict[str, Any]:
    """The form as it was sent."""
    form = request.form
    day = form.get("day", "")
    return {
        "segment_id": form.get("segment", 0, type=int), "folder": form.get("folder", "").strip(), "purpose": form.get("purpose", ""),
        "channel": form.get("channel", ""), "form": form.get("form", ""), "hour": form.get("hour", -1, type=int),
        "weekday": int(day) if day.isdigit() else None, "keep_days": form.get("keep_days", 0, type=int),
    }  # fmt: skip


def drops_page(*, error: DomainError | None = None) -> str:
    """Every scheduled file, and the form for a new one."""
    return render_template(
        "segments/drops.html", rows=drops.listed(), segments=queries.names(), error=error,
        typed=request.form or request.args, purposes=segment_view.choices()["purposes"], weekdays=WEEKDAYS,
    )  # fmt: skip


def settings() -> Any:
    """What the installation says."""
    return current_app.config["SETTINGS"]


def settled(action: str, drop: Drop, words: str) -> Response:
    """On record, said, and back to the list."""
    said = {"drop": drop.id, "folder": drop.folder, "channel": drop.channel, "purpose": drop.purpose}
    audit.record(actor=actor(), action=action, subject_kind="segment", subject_id=drop.segment_id, details=said, now=clock.now())  # fmt: skip
    flash(words)
    return redirect(url_for("web.scheduled_files"), 303)
