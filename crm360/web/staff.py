"""The administrator's staff list."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit, operations, outside, queries, second_factor, teams
from crm360.accounts.permissions import ROLES
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, DomainError
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor, present


class CannotDisableSelf(Conflict):
    """An administrator would lock the door from outside."""


@door.get("/admin/staff")
@requires("staff.manage")
def staff() -> str:
    return page()


@door.post("/admin/staff")
@requires("staff.manage")
def create_staff() -> tuple[str, int] | Response:
    wanted, now = {name: request.form.get(name, "") for name in ("email", "name", "role", "password")}, clock.now()
    try:
        person = operations.create_staff(**wanted, now=now)
    except DomainError as error:
        db.session.rollback()
        return page(error=error), error.status
    audit.record(actor=actor(), action="staff.created", subject_kind="staff", subject_id=person.id, now=now)
    flash(gettext("%(name)s can sign in now.", name=person.name))
    return redirect(url_for("web.staff"), 303)


@door.post("/admin/staff/<int:staff_id>/disabling")
@requires("staff.manage")
def disable_staff(staff_id: int) -> Response:
    if staff_id == present().staff.id:
        raise CannotDisableSelf(gettext("You cannot shut out yourself."))
    now = clock.now()
    operations.disable(staff_id=staff_id, now=now)
    audit.record(actor=actor(), action="staff.disabled", subject_kind="staff", subject_id=staff_id, now=now)
    flash(gettext("This person can no longer sign in."))
    return redirect(url_for("web.staff"), 303)


@door.post("/admin/staff/<int:staff_id>/second-factor-removal")
@requires("staff.manage")
def remove_second_factor(staff_id: int) -> Response:
    """For a colleague who lost the app and the recovery codes: the password alone is enough until they set it up again."""
    person, now = queries.get_staff(staff_id), clock.now()
    second_factor.remove(staff_id=person.id)
    audit.record(actor=actor(), action="second_factor.removed", subject_kind="staff", subject_id=staff_id, now=now)
    flash(gettext("%(name)s signs in with the password alone again.", name=person.name))
    return redirect(url_for("web.staff"), 303)


@door.post("/admin/staff/<int:staff_id>/outside-account-removal")
@requires("staff.manage")
def remove_outside_account(staff_id: int) -> Response:
    """For a colleague whose account at the provider became another: the next sign-in connects anew, where that is allowed."""
    person, now = queries.get_staff(staff_id), clock.now()
    outside.unlink(staff_id=person.id)
    audit.record(actor=actor(), action="outside_account.removed", subject_kind="staff", subject_id=staff_id, now=now)
    flash(gettext("%(name)s is no longer connected with the provider.", name=person.name))
    return redirect(url_for("web.staff"), 303)


def page(*, error: DomainError | None = None) -> str:
    """The list with its form, which keeps what was typed when it could not be accepted."""
    given = request.form if error else {}
    return render_template(
        "admin/staff.html", people=queries.all_staff(), roles=ROLES, error=error, given=given,
        with_code=second_factor.those_with(), places=teams.places(), outside=outside.those_with(),
    )  # fmt: skip
