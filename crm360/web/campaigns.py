"""Campaigns: the list, composing one, and its page from draft to results."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.accounts import queries as colleagues
from crm360.flows import campaigns as running
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.outreach import launching, plan, queries, trying
from crm360.web import campaign_view
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires
from crm360.web.visitors import actor, present

PAGE = "/campaigns/<int:campaign_id>"


@door.get("/campaigns")
@requires("campaigns.read")
def campaigns() -> str:
    listed = queries.campaigns()
    return render_template(
        "outreach/campaigns.html", campaigns=listed, states=queries.states([each.id for each in listed])
    )


@door.get("/campaigns/new")
@requires("campaigns.manage")
def new_campaign() -> str:
    return compose(None, campaign_view.start())


@door.post("/campaigns/new")
@requires("campaigns.manage")
def create_campaign() -> str | tuple[str, int] | Response:
    return keep(None)


@door.get(f"{PAGE}/plan")
@requires("campaigns.manage")
def edit_campaign(campaign_id: int) -> str:
    return compose(campaign_id, campaign_view.given(launching.in_state(campaign_id, "draft")))


@door.post(f"{PAGE}/plan")
@requires("campaigns.manage")
def change_campaign(campaign_id: int) -> str | tuple[str, int] | Response:
    return keep(campaign_id)


@door.get(PAGE)
@requires("campaigns.read")
def campaign(campaign_id: int) -> str:
    found = queries.get_campaign(campaign_id)
    if is_fragment():
        return render_template("outreach/progress.html", campaign=found, progress=campaign_view.progress(found))
    if found.state in ("draft", "scheduled"):
        return render_template("outreach/draft.html", **campaign_view.draft(found, house(), clock.now()))
    return render_template("outreach/campaign.html", **campaign_view.results_of(found, clock.now()))


@door.get(f"{PAGE}/people")
@requires("campaigns.read")
def campaign_people(campaign_id: int) -> str:
    """The names behind one number: of a step of the waterfall, of an outcome."""
    shown = campaign_view.people(queries.get_campaign(campaign_id), house(), clock.now())
    return render_template("outreach/people.html", **shown)


@door.post(f"{PAGE}/tests")
@requires("campaigns.manage")
def send_campaign_test(campaign_id: int) -> Response:
    to = request.form.get("to", "").strip() or present().staff.email
    found = queries.get_campaign(campaign_id)
    profile_id = request.form.get("person", type=int) or next(iter(running.profiles_of(found, now=clock.now())), 0)
    known = [each.email for each in colleagues.all_staff() if each.disabled_at is None]
    count = trying.send_test(
        campaign=found, to=to, colleagues=known, profile_id=profile_id, house=house(), now=clock.now()
    )
    write_down("campaign.tested", campaign_id, count=count)
    flash(gettext("The test is on its way to %(address)s.", address=to))
    return back_to(campaign_id)


@door.get(f"{PAGE}/launch")
@requires("campaigns.manage")
def confirm_launch(campaign_id: int) -> str:
    found = launching.in_state(campaign_id, "draft")
    return render_template("outreach/launch.html", **campaign_view.draft(found, house(), clock.now()))


@door.post(f"{PAGE}/launch")
@requires("campaigns.manage")
def launch_campaign(campaign_id: int) -> Response:
    by, now, when = present().staff.name, clock.now(), request.form.get("at", "")
    if when:
        launching.schedule(campaign_id=campaign_id, at=moment(when), by=by, now=now)
        flash(gettext("It starts by itself, for whoever belongs to the audience then."))
    else:
        running.launch(campaign_id=campaign_id, house=house(), by=by, now=now)
        flash(gettext("Launched. Messages leave one after another."))
    write_down("campaign.launched", campaign_id, at=when)
    return back_to(campaign_id)


@door.post(f"{PAGE}/pause")
@requires("campaigns.manage")
def pause_campaign(campaign_id: int) -> Response:
    running.pause(campaign_id=campaign_id, now=clock.now())
    write_down("campaign.paused", campaign_id)
    flash(gettext("Paused. Nothing more leaves until you resume."))
    return back_to(campaign_id)


@door.post(f"{PAGE}/resumption")
@requires("campaigns.manage")
def resume_campaign(campaign_id: int) -> Response:
    running.resume(campaign_id=campaign_id)
    write_down("campaign.resumed", campaign_id)
    flash(gettext("It goes on."))
    return back_to(campaign_id)


@door.post(f"{PAGE}/cancellation")
@requires("campaigns.manage")
def cancel_campaign(campaign_id: int) -> Response:
    running.cancel(campaign_id=campaign_id, now=clock.now())
    write_down("campaign.cancelled", campaign_id)
    flash(gettext("Cancelled. Nobody gets it any more."))
    return back_to(campaign_id)


@door.post(f"{PAGE}/unscheduling")
@requires("campaigns.manage")
def unschedule_campaign(campaign_id: int) -> Response:
    launching.unschedule(campaign_id=campaign_id)
    write_down("campaign.unscheduled", campaign_id)
    return back_to(campaign_id)


def keep(campaign_id: int | None) -> str | tuple[str, int] | Response:
    """Keep the plan the form says, or show it again with what is wrong."""
    try:
        kept = launching.draft(
            campaign_id=campaign_id, by=present().staff.name, now=clock.now(), **campaign_view.typed()
        )  # fmt: skip
    except DomainError as error:
        db.session.rollback()
        return compose(campaign_id, campaign_view.again(), error=error), error.status
    write_down("campaign.planned", kept.id)
    return back_to(kept.id)


def compose(campaign_id: int | None, given: dict[str, Any], *, error: DomainError | None = None) -> str:
    """The form of a plan."""
    return render_template(
        "outreach/compose.html", campaign_id=campaign_id, given=given, error=error, **campaign_view.choices()
    )


def house() -> plan.House:
    """What the installation lays down for campaigns."""
    return plan.house(current_app.config["SETTINGS"])


def moment(typed: str) -> datetime:
    """The moment a form says in the shop's time zone. Raises BadCampaign."""
    try:
        local = datetime.fromisoformat(typed[:16])
    except ValueError:
        raise launching.BadCampaign("This is no date and time.") from None
    return local.replace(tzinfo=ZoneInfo(current_app.config["SETTINGS"].timezone))


def back_to(campaign_id: int) -> Response:
    return redirect(url_for("web.campaign", campaign_id=campaign_id), 303)


def write_down(action: str, campaign_id: int, **details: object) -> None:
    audit.record(
        actor=actor(), action=action, subject_kind="campaign", subject_id=campaign_id, details=details, now=clock.now()
    )
