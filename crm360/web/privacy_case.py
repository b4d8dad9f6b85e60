"""One request about personal data, from its receipt to its end: verify, extend, decide, plan, run, certify, close."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from uuid import uuid4

from flask import Response as FlaskResponse
from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.flows import erasing, meeting
from crm360.flows.by_staff import Written
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.privacy import handling, packaging
from crm360.privacy.verifying import WrongCode
from crm360.web import case_letters, case_view, named
from crm360.web.blueprint import door
from crm360.web.language import choose_locale
from crm360.web.policy import requires
from crm360.web.visitors import present

CASE = "/privacy/cases/<int:case_id>"


@door.get(CASE)
@requires("privacy.manage")
def privacy_case(case_id: int) -> str:
    return render_template("privacy/case.html", **case_view.shown(handling.get(case_id), now=clock.now()))


@door.get(f"{CASE}/work")
@requires("privacy.manage")
def privacy_case_work(case_id: int) -> str:
    return render_template("privacy/case_work.html", **case_view.shown(handling.get(case_id), now=clock.now()))


@door.get("/privacy/cases/new")
@requires("privacy.manage")
def new_case_form() -> str:
    return case_form(request.args)


def case_form(form: Mapping[str, str], *, error: DomainError | None = None) -> str:
    """The form for a request that came otherwise."""
    today = clock.now().date()
    return render_template("privacy/case_new.html", rights=case_view.rights(), today=today, form=form, error=error)


@door.post("/privacy/cases")
@requires("privacy.manage")
def open_case() -> Response | tuple[str, int]:
    form = request.form
    try:
        profile_id = named.chosen(form.get("customer", ""))
    except named.Unclear as error:
        return case_form(form, error=error), error.status
    day = form.get("received_on", type=date.fromisoformat) or clock.now().date()
    at = min(datetime.combine(day, time(12), UTC), clock.now())
    case = handling.open_by_staff(
        right=form.get("right", ""), contact_id=identity.anchor(profile_id), via=form.get("via", "letter"),
        received_on=at, number=uuid4().hex, by=_by(), country=_country(), now=clock.now(),
    )  # fmt: skip
    return _back(case.id)


@door.post(f"{CASE}/code")
@requires("privacy.manage")
def send_case_code(case_id: int) -> Response:
    case = handling.get(case_id)
    meeting.send_code(
        case=case, use="verify", key=_key(), domain=case_letters.domain(), words=case_letters.codes(), now=clock.now()
    )
    flash(gettext("A code is on its way to the address on file; it is valid for ten minutes."))
    return _back(case_id)


@door.post(f"{CASE}/verification")
@requires("privacy.manage")
def verify_case(case_id: int) -> Response:
    case, form = handling.get(case_id), request.form
    if form.get("method") == "in_person":
        handling.verify(case=case, method="seen in person", level=1, by=_by(), now=clock.now())
        return _back(case_id)
    try:
        meeting.verify(
            case=case, digits=form.get("code", ""), fact=form.get("fact", ""), key=_key(), by=_by(), now=clock.now()
        )
    except WrongCode:
        db.session.commit()  # the try counts
        raise
    return _back(case_id)


@door.post(f"{CASE}/customer")
@requires("privacy.manage")
def link_case(case_id: int) -> Response | tuple[str, int]:
    case = handling.get(case_id)
    try:
        profile_id = named.chosen(request.form.get("customer", ""))
    except named.Unclear as error:
        shown = case_view.shown(case, now=clock.now())
        return render_template("privacy/case.html", **shown, error=error, typed=request.form), error.status
    handling.link(case=case, contact_id=identity.anchor(profile_id), by=_by(), now=clock.now())
    return _back(case_id)


@door.post(f"{CASE}/pause")
@requires("privacy.manage")
def pause_case(case_id: int) -> Response:
    case = handling.get(case_id)
    if case.paused_at is None:
        handling.pause(case=case, by=_by(), now=clock.now())
    else:
        handling.resume(case=case, by=_by(), country=_country(), now=clock.now())
    return _back(case_id)


@door.post(f"{CASE}/extension")
@requires("privacy.manage")
def extend_case(case_id: int) -> Response:
    case, reason = handling.get(case_id), request.form.get("reason", "")
    until = handling.extend(case=case, reason=reason, by=_by(), country=_country(), now=clock.now())
    _write(case_id, "extension_told", case_letters.extension(case_id, reason, until))
    return _back(case_id)


@door.post(f"{CASE}/plan")
@requires("privacy.manage")
def plan_case(case_id: int) -> Response:
    erasing.plan(case=handling.get(case_id), by=_by(), now=clock.now())
    return _back(case_id, "work")


@door.post(f"{CASE}/decision")
@requires("privacy.manage")
def decide_case(case_id: int) -> Response:
    case, form = handling.get(case_id), request.form
    if form.get("decision") == "refuse":
        ground = form.get("ground", "")
        handling.refuse(case=case, ground=ground, by=_by(), now=clock.now())
        _write(case_id, "refusal_told", case_letters.refusal(case_id, ground))
    elif form.get("decision") == "cancel":
        handling.cancel(case=case, by=_by(), now=clock.now())
    else:
        _write_before_erasure(case_id)
        meeting.grant(case=case, by=_by(), locale=choose_locale(), now=clock.now())
    return _back(case_id, "work")


@door.post(f"{CASE}/correction")
@requires("privacy.manage")
def correct_case(case_id: int) -> Response:
    form = request.form
    field, value = form.get("field", ""), form.get("value", "").strip()
    written = _written(field, value)
    region = current_app.config["SETTINGS"].phone_region
    meeting.correct(case=handling.get(case_id), written=written, by=_by(), region=region, now=clock.now())
    return _back(case_id, "work")


@door.post(f"{CASE}/package")
@requires("privacy.manage")
def make_package_again(case_id: int) -> Response:
    case = handling.get(case_id)
    packaging.ask_again(case=case, locale=choose_locale(), by=_by(), now=clock.now())
    return _back(case_id, "work")


@door.post(f"{CASE}/lifting")
@requires("privacy.manage")
def lift_restriction(case_id: int) -> Response:
    case = handling.get(case_id)
    if request.form.get("tell"):
        _write(case_id, "told_of_lifting", case_letters.lifting(case_id))
    else:
        meeting.lift(case=case, reason=request.form.get("reason", ""), by=_by(), now=clock.now())
    return _back(case_id, "work")


@door.post(f"{CASE}/closing")
@requires("privacy.manage")
def close_case(case_id: int) -> Response:
    case = handling.get(case_id)
    _write(case_id, "outcome_told", case_letters.outcome(case))
    handling.close(case=case, by=_by(), now=clock.now())
    return _back(case_id)


@door.get(f"{CASE}/certificate")
@requires("privacy.manage")
def case_certificate(case_id: int) -> FlaskResponse:
    case = handling.get(case_id)
    text = json.dumps(case.certificate, ensure_ascii=False, indent=2)
    named = {"Content-Disposition": f'attachment; filename="erasure-{case_id}.json"'}
    return FlaskResponse(text, mimetype="application/json", headers=named)


def _written(field: str, value: str) -> Written:
    if field == "email":
        return Written(email=value)
    return Written(phone=value) if field == "phone" else Written(fields={field: value})


def _write(case_id: int, what: str, words: meeting.Words) -> None:
    case = handling.get(case_id)
    if not meeting.write(case=case, what=what, words=words, domain=case_letters.domain(), by=_by(), now=clock.now()):
        flash(gettext("There is no e-mail address on file. Write to the requester yourself."))


def _write_before_erasure(case_id: int) -> None:
    """Afterwards there is no address left to write to."""
    if handling.get(case_id).right == "erasure" and request.form.get("tell"):
        _write(case_id, "outcome_told", case_letters.erasure(case_id))


def _by() -> str:
    return str(present().staff.name)


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])


def _country() -> str:
    return str(current_app.config["SETTINGS"].phone_region)


def _back(case_id: int, part: str | None = None) -> Response:
    return redirect(url_for("web.privacy_case", case_id=case_id, _anchor=part), 303)
