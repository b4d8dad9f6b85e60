"""Signing in and out."""

from __future__ import annotations

from flask import Flask, abort, current_app, redirect, render_template, request, session, url_for
from flask_babel import gettext
from limits import parse_many
from werkzeug.wrappers import Response

from crm360.accounts import attempts, audit, operations, queries, second_factor
from crm360.accounts.models import Staff
from crm360.kernel import clock, dialects
from crm360.kernel.db import db
from crm360.web import visitors
from crm360.web.blueprint import door
from crm360.web.policy import public, signed_in

LIMITS = "sign-in limits"


def prepare(app: Flask) -> None:
    """Read how often an address may try."""
    asked = parse_many(app.config["SETTINGS"].sign_in_limit)
    app.extensions[LIMITS] = [attempts.Limit(each.amount, each.get_expiry()) for each in asked]


@door.get("/sign-in")
@public
def sign_in_form() -> str | Response:
    if visitors.me():
        return redirect(url_for("web.desk"))
    return render_template("sign_in.html", email="", error="", expired="expired" in request.args)


@door.post("/sign-in")
@public
def sign_in() -> tuple[str, int] | Response:
    count_attempt()
    email, password = request.form.get("email", ""), request.form.get("password", "")
    staff = check(email, password)
    if staff is None:
        error = gettext("E-mail and password do not match.")
        return render_template("sign_in.html", email=email, error=error, expired=False), 422
    operations.refresh_hash(staff_id=staff.id, password=password)
    keep_language(staff)
    if second_factor.is_on(staff.id):
        visitors.let_half_in(staff, now=clock.now())
        return redirect(url_for("web.code_form", next=request.args.get("next")), 303)
    return begin_session(staff)


def keep_language(staff: Staff) -> None:
    """What was chosen on the page of signing in is this person's choice: who signs in reads on in it."""
    if chosen := session.get("locale"):
        operations.set_preferences(staff_id=staff.id, locale=chosen)


@door.get("/sign-in/code")
@public
def code_form() -> str | Response:
    """The second step, for whoever passed the first a moment ago."""
    if visitors.half_in(now=clock.now()) is None:
        return redirect(url_for("web.sign_in_form"))
    return render_template("sign_in_code.html", error="")


@door.post("/sign-in/code")
@public
def sign_in_with_code() -> tuple[str, int] | Response:
    count_attempt()
    now = clock.now()
    staff = visitors.half_in(now=now)
    if staff is None:
        return redirect(url_for("web.sign_in_form", expired=1), 303)
    key, code = current_app.config["SETTINGS"].secret_key, request.form.get("code", "")
    if not second_factor.check(staff_id=staff.id, code=code, key=key, now=now):
        error = gettext("This code is not right. Codes change every half minute and work once.")
        return render_template("sign_in_code.html", error=error), 422
    return begin_session(staff)


def begin_session(staff: Staff, *, to: str | None = None, by: str = "") -> Response:
    """Let in, on the audit trail, to where the visitor wanted. `by`: who proved it, when it was not a password here."""
    visitors.let_in(staff)
    who, details = visitors.Actor("staff", staff.id, staff.name), {"by": by} if by else {}
    audit.record(actor=who, action="session.started", details=details, now=clock.now())
    return redirect(safe_address(request.args.get("next") if to is None else to), 303)


@door.post("/sign-out")
@signed_in
def sign_out() -> Response:
    visitors.let_out()
    answer = redirect(url_for("web.sign_in_form"), 303)
    answer.headers["Clear-Site-Data"] = '"storage"'  # drafts of notes, in every tab
    return answer


def count_attempt() -> None:
    """One more attempt of this network address; too many are refused with 429."""
    key = f"sign-in/{request.remote_addr}"
    allowed = attempts.within(key=key, limits=current_app.extensions[LIMITS], now=clock.now())
    db.session.commit()
    if not allowed:
        abort(429)


def check(email: str, password: str) -> Staff | None:
    """Hashing takes its time; it must not hold SQLite's write lock meanwhile."""
    with dialects.reading():
        staff = queries.authenticate(email, password)
        db.session.commit()
    return staff


def safe_address(wanted: str | None) -> str:
    """Where to go after signing in: a path of this site, never another site."""
    usable = wanted and wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\\" not in wanted
    return wanted if wanted and usable and wanted.isprintable() else url_for("web.desk")
