"""Legal holds: asked for by one colleague, approved by another, looked at again on their day."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.profiles import queries as profiles
from crm360.safeguards import holds
from crm360.web import moments, named
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor, present

HOLD = "/privacy/holds/<int:hold_id>"


@door.get("/privacy/holds")
@requires("privacy.manage")
def legal_holds() -> str:
    return listing()


@door.post("/privacy/holds")
@requires("privacy.manage")
def ask_hold() -> Response | tuple[str, int]:
    form, now = request.form, clock.now()
    try:
        contacts = [each.id for each in identity.contacts_of(named.chosen(form.get("profile", ""), field="profile"))]
        day = moments.typed_day(form.get("review_on")) or now.date()
        hold = holds.ask(contact_ids=contacts, ground=form.get("ground", ""), legal_ref=form.get("legal_ref", ""), review_on=day, by=by(), now=now)  # fmt: skip
    except DomainError as error:
        db.session.rollback()
        return listing(error=error), error.status
    return done("hold.asked", hold.id, gettext("Asked for. It stands once another colleague approves it."))


@door.post(f"{HOLD}/approval")
@requires("privacy.manage")
def approve_hold(hold_id: int) -> Response:
    holds.approve(hold_id=hold_id, by=by(), now=clock.now())
    return done(
        "hold.approved", hold_id, gettext("The hold stands: neither retention nor an erasure touches these data.")
    )


@door.post(f"{HOLD}/review")
@requires("privacy.manage")
def review_hold(hold_id: int) -> Response:
    now = clock.now()
    holds.prolong(hold_id=hold_id, review_on=moments.typed_day(request.form.get("review_on")) or now.date(), now=now)
    return done("hold.reviewed", hold_id, gettext("Looked at, and still needed."))


@door.post(f"{HOLD}/release")
@requires("privacy.manage")
def release_hold(hold_id: int) -> Response:
    holds.release(hold_id=hold_id, reason=request.form.get("reason", ""), by=by(), now=clock.now())
    return done("hold.released", hold_id, gettext("Released. Retention and erasures count again."))


def listing(*, error: DomainError | None = None) -> str:
    """Every hold, and the form for a new one."""
    rows = holds.register()
    where = identity.profile_ids(each for _, contacts in rows for each in contacts)
    people = {hold.id: sorted({where[each] for each in contacts if each in where}) for hold, contacts in rows}
    names = profiles.golden(sorted({each for ids in people.values() for each in ids}))
    return render_template("privacy/holds.html", rows=rows, people=people, names=names, error=error, typed=request.form,
                           profile=named.shown(request.values.get("profile", type=int)), me_id=present().staff.id, today=clock.now().date())  # fmt: skip


def by() -> holds.By:
    """The visitor."""
    staff = present().staff
    return holds.By(staff.id, staff.name)


def done(action: str, hold_id: int, words: str) -> Response:
    """On record, said, and back to the list."""
    audit.record(actor=actor(), action=action, subject_kind="hold", subject_id=hold_id, now=clock.now())
    flash(words)
    return redirect(url_for("web.legal_holds"), 303)
