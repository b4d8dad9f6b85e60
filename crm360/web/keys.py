"""The administrator's keys: write keys for tracking, API keys for integrations."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit, operations, queries
from crm360.accounts.permissions import ROLES
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor


@door.get("/admin/keys")
@requires("keys.manage")
def keys() -> str:
    return page()


@door.post("/admin/keys")
@requires("keys.manage")
def create_key() -> str | tuple[str, int]:
    form, now = request.form, clock.now()
    kind = form.get("kind", "")
    role = form.get("role", "") if kind == "api" else ""
    try:
        key, secret = operations.create_key(kind=kind, name=form.get("name", ""), role=role, now=now)
    except DomainError as error:
        db.session.rollback()
        return page(error=error), error.status
    audit.record(actor=actor(), action="key.created", subject_kind="key", subject_id=key.id, now=now)
    return page(secret=secret)


@door.post("/admin/keys/<int:key_id>/revocation")
@requires("keys.manage")
def revoke_key(key_id: int) -> Response:
    now = clock.now()
    operations.revoke_key(key_id=key_id, now=now)
    audit.record(actor=actor(), action="key.revoked", subject_kind="key", subject_id=key_id, now=now)
    flash(gettext("The key no longer works."))
    return redirect(url_for("web.keys"), 303)


def page(*, error: DomainError | None = None, secret: str = "") -> str:
    """The list with its form; a new secret is shown this once."""
    given = request.form if error else {}
    return render_template(
        "admin/keys.html", keys=queries.all_keys(), roles=ROLES, error=error, secret=secret, given=given
    )
