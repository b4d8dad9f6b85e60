"""One's own account: another password, and the second step of signing in."""

from __future__ import annotations

import io

import segno
from flask import Response as FlaskResponse
from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit, operations, second_factor
from crm360.accounts.passwords import UnusablePassword
from crm360.kernel import clock
from crm360.kernel.errors import DomainError, Invalid
from crm360.web import sign_in, visitors
from crm360.web.blueprint import door
from crm360.web.policy import signed_in
from crm360.web.visitors import actor, present


class WrongPassword(Invalid):
    """The present password was typed wrongly."""

    def __init__(self) -> None:
        super().__init__("The present password is not right.")


@door.get("/account/security")
@signed_in
def security() -> str:
    return page()


@door.post("/account/security/password")
@signed_in
def change_password() -> Response | tuple[str, int]:
    """Every other session of this person ends; this one goes on."""
    staff = present().staff
    try:
        ask_password()
        operations.set_password(staff_id=staff.id, password=request.form.get("new_password", ""))
    except (UnusablePassword, WrongPassword) as error:
        return page(error=error), error.status
    visitors.let_in(staff)
    return noted("password.changed", gettext("Your password is changed. Other browsers have to sign in again."))


@door.post("/account/security/second-factor")
@signed_in
def begin_second_factor() -> Response | tuple[str, int]:
    try:
        ask_password()
        second_factor.begin(staff_id=present().staff.id, key=sealing_key(), now=clock.now())
    except (WrongPassword, second_factor.AlreadyOn) as error:
        return page(error=error), error.status
    return redirect(url_for("web.security", _anchor="second-step"), 303)


@door.get("/account/security/code.svg")
@signed_in
def second_factor_code() -> FlaskResponse:
    """The QR code for the app; only while the secret waits to be confirmed."""
    secret = second_factor.unconfirmed(present().staff.id, key=sealing_key())
    if secret is None:
        abort(404)
    out = io.BytesIO()
    shop = current_app.config["SETTINGS"].shop_name
    segno.make(second_factor.address(secret, account=present().staff.email, issuer=shop)).save(out, kind="svg", scale=5)
    return FlaskResponse(out.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})


@door.post("/account/security/confirmation")
@signed_in
def confirm_second_factor() -> str | tuple[str, int]:
    """The recovery codes are on this answer and nowhere else."""
    sign_in.count_attempt()
    code, now = request.form.get("code", ""), clock.now()
    try:
        codes = second_factor.confirm(staff_id=present().staff.id, code=code, key=sealing_key(), now=now)
    except second_factor.WrongCode as error:
        return page(error=error), error.status
    audit.record(actor=actor(), action="second_factor.added", now=now)
    return page(codes=codes)


@door.post("/account/security/recovery-codes")
@signed_in
def renew_recovery_codes() -> str | tuple[str, int]:
    try:
        ask_password()
    except WrongPassword as error:
        return page(error=error), error.status
    audit.record(actor=actor(), action="recovery_codes.renewed", now=clock.now())
    return page(codes=second_factor.new_recovery_codes(staff_id=present().staff.id))


@door.post("/account/security/removal")
@signed_in
def drop_second_factor() -> Response | tuple[str, int]:
    try:
        ask_password()
    except WrongPassword as error:
        return page(error=error), error.status
    second_factor.remove(staff_id=present().staff.id)
    return noted("second_factor.removed", gettext("The password alone is enough again."))


def ask_password() -> None:
    """Somebody who finds an open browser must not change how its owner signs in. Raises WrongPassword.

    Who confirmed at the provider a moment ago has proved as much: accounts of a provider have no password of their own.
    """
    if visitors.proved_lately(now=clock.now()):
        return
    sign_in.count_attempt()
    staff = sign_in.check(present().staff.email, request.form.get("password", ""))
    if staff is None:
        raise WrongPassword


def noted(action: str, words: str) -> Response:
    audit.record(actor=actor(), action=action, now=clock.now())
    flash(words)
    return redirect(url_for("web.security"), 303)


def page(*, error: DomainError | None = None, codes: list[str] | None = None) -> str:
    number = present().staff.id
    return render_template(
        "account/security.html", error=error, codes=codes, on=second_factor.is_on(number),
        secret=second_factor.unconfirmed(number, key=sealing_key()), left=second_factor.recovery_codes_left(number),
    )  # fmt: skip


def sealing_key() -> str:
    return str(current_app.config["SETTINGS"].secret_key)
