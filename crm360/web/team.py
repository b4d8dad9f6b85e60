"""One's own work in figures, and that of those one leads; a question to all colleagues, told only where five answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from crm360.accounts import audit, pulses, teams
from crm360.accounts.models import Staff
from crm360.insights import figures
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.sales.models import Call, Task
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor, present

#: Work done in so many days is told of.
DAYS = 30


@door.get("/team")
@requires("customers.read")
def team() -> str:
    return render_template("team/team.html", **figures_of(teams.visible_to(present().staff.id), clock.now()))


@door.get("/team/pulse")
@requires("customers.read")
def pulse() -> str:
    return pulse_page()


@door.post("/team/pulse")
@requires("staff.manage")
def ask_pulse() -> Response | tuple[str, int]:
    form = request.form
    try:
        asked = pulses.ask(
            question_en=form.get("question_en", ""),
            question_pl=form.get("question_pl", ""),
            by=actor().name,
            now=clock.now(),
        )
    except pulses.BadPulse as error:
        return pulse_page(error), error.status
    audit.record(actor=actor(), action="pulse.asked", subject_kind="pulse", subject_id=asked.id, now=clock.now())
    return redirect(url_for("web.pulse"), 303)


@door.post("/team/pulse/<int:pulse_id>/answer")
@requires("customers.read")
def answer_pulse(pulse_id: int) -> Response | tuple[str, int]:
    """Not on the audit trail: its time would lead to the answer."""
    try:
        score, body = request.form.get("score", type=int), request.form.get("body", "")
        pulses.answer(pulse_id=pulse_id, staff_id=present().staff.id, score=score, body=body)
    except (pulses.BadPulse, pulses.AnsweredBefore) as error:
        return pulse_page(error), error.status
    flash(gettext("Thank you. Nobody can tell which answer is yours."))
    return redirect(url_for("web.pulse"), 303)


@door.post("/team/pulse/<int:pulse_id>/closing")
@requires("staff.manage")
def close_pulse(pulse_id: int) -> Response:
    pulses.close(pulse_id=pulse_id, now=clock.now())
    audit.record(actor=actor(), action="pulse.closed", subject_kind="pulse", subject_id=pulse_id, now=clock.now())
    return redirect(url_for("web.pulse"), 303)


@door.post("/team/places/<int:staff_id>")
@requires("staff.manage")
def place_in_team(staff_id: int) -> Response:
    teams.place(
        staff_id=staff_id, lead_id=request.form.get("lead_id", type=int), agent_name=request.form.get("agent_name", ""),
        by=actor().name, now=clock.now(),
    )  # fmt: skip
    audit.record(actor=actor(), action="staff.placed", subject_kind="staff", subject_id=staff_id, now=clock.now())
    flash(gettext("Saved."))
    return redirect(url_for("web.staff"), 303)


def pulse_page(error: Any = None) -> str:
    return render_template("team/pulse.html", told=pulses.told(present().staff.id), error=error, least=pulses.LEAST)


def figures_of(people: list[Staff], now: datetime) -> dict[str, Any]:
    """Load and responses of these colleagues; nobody else's are asked for."""
    if not people:
        abort(404)
    since, ids = now - timedelta(days=DAYS), [each.id for each in people]
    open_ = select(Task.owner_id, func.count(), func.count().filter(Task.due_at < now)).where(Task.done_at.is_(None))
    done = select(Task.owner_id, func.count()).where(Task.done_at >= since)
    calls = select(Call.staff_id, func.count()).where(Call.at >= since, Call.staff_id.in_(ids)).group_by(Call.staff_id)
    load = {row[0]: row[1:] for row in db.session.execute(open_.where(Task.owner_id.in_(ids)).group_by(Task.owner_id))}
    ended = dict(db.session.execute(done.where(Task.owner_id.in_(ids)).group_by(Task.owner_id)).all())
    called = dict(db.session.execute(calls).all())
    kept = figures.of("service")
    served = served_by(people, kept.document if kept else {"agent": []})
    rows = [
        (each, *load.get(each.id, (0, 0)), ended.get(each.id, 0), called.get(each.id, 0), served.get(each.id))
        for each in people
    ]
    return {"rows": rows, "kept": kept, "days": DAYS}


def served_by(people: list[Staff], told: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """Colleague → figures of conversations they answered first."""
    named = teams.agent_names(people)
    return {named[row["name"].casefold()]: row for row in told["agent"] if row["name"].casefold() in named}


def seen_agents(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of agents whose figures the reader may see: their own and those of whom they lead."""
    return list(served_by(teams.visible_to(present().staff.id), told).values())


def sees_agent(name: str) -> bool:
    """Whether the reader may see the figures of who is called so in chats."""
    return name.casefold() in teams.agent_names(teams.visible_to(present().staff.id))
