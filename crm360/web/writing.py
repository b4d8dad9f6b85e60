"""Writing a customer down: who looks like them already, and corrections of what is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.flows import by_staff
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.profiles import queries as profiles
from crm360.web import reads, written_form
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor, present


@door.get("/customers/new")
@requires("customers.write")
def new_customer() -> str:
    return page(written_form.guessed(request.args.get("q", "")))


@door.post("/customers/new")
@requires("customers.write")
def create_customer() -> str | tuple[str, int] | Response:
    form = written_form.read(request.form, region())
    if form.errors:
        return page(form), 422
    now, confirmed = clock.now(), bool(request.form.get("confirmed"))
    if alike := [] if confirmed else written_form.alike(form, region(), now=now):
        return page(form, alike=alike)
    apart = request.form.getlist("apart", type=int) if confirmed else []
    profile_id = by_staff.create(written=form.written, by=present().staff.name, region=region(), now=now, apart=apart)
    return done("customer.created", profile_id, gettext("Written down."))


@door.post("/customers/new/alike")
@requires("customers.write")
def alike_customers() -> str:
    """While somebody types: who is here already and may be meant."""
    form = written_form.read(request.form, region())
    alike = written_form.alike(form, region(), now=clock.now()) if form.told() else []
    return render_template("customers/alike.html", alike=alike, profile_id=None, live=True)


@door.get("/customers/<int:profile_id>/edit")
@requires("customers.write")
def edit_customer(profile_id: int) -> str | Response:
    known = known_of(identity.current(profile_id))
    reads.note_opened(profile_id)
    return page(written_form.Form(values={name: known.get(name, "") for name in written_form.FIELDS}), profile_id)


@door.post("/customers/<int:profile_id>/edit")
@requires("customers.write")
def correct_customer(profile_id: int) -> str | tuple[str, int] | Response:
    profile_id = identity.current(profile_id)
    known = known_of(profile_id)
    form = written_form.read(request.form, region(), known=known)
    if form.errors:
        return page(form, profile_id), 422
    others = [] if request.form.get("confirmed") else written_form.held_by_others(form, profile_id, now=clock.now())
    if others:
        return page(form, profile_id, alike=others)
    by, now = present().staff.name, clock.now()
    living = by_staff.correct(profile_id=profile_id, written=form.written, known=known, by=by, region=region(), now=now)
    return done("customer.corrected", living, gettext("Saved. Other sources keep what they said."))


def page(form: written_form.Form, profile_id: int | None = None, *, alike: Any = ()) -> str:
    """The form with what was typed, what is wrong with it, and who looks like this person."""
    return render_template("customers/written.html", form=form, profile_id=profile_id, alike=alike)


def done(action: str, profile_id: int, words: str) -> Response:
    """On the audit trail, and to the customer."""
    audit.record(actor=actor(), action=action, subject_kind="profile", subject_id=profile_id, now=clock.now())
    flash(words)
    return redirect(url_for("web.customer", profile_id=profile_id), 303)


def known_of(profile_id: int) -> Mapping[str, str]:
    """The golden record's values by field."""
    record = profiles.golden([profile_id]).get(profile_id)
    return {name: str(said["value"]) for name, said in record.fields.items()} if record else {}


def region() -> str:
    """How numbers without a country are read."""
    return str(current_app.config["SETTINGS"].phone_region)
