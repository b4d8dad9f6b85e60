"""Purposes and the texts people are shown: read and given new versions by the privacy officer. Nothing old is changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.consents import defining, definitions, purposes, resting
from crm360.kernel import clock
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor, present


@door.get("/privacy/purposes")
@requires("privacy.manage")
def consent_purposes() -> str:
    now = clock.now()
    known, texts = definitions.catalogue(now=now).known, definitions.notices()
    latest = {notice.code: notice for notice in reversed(texts)}
    counts = resting.permissions_on(texts, now=now)
    return render_template("privacy/purposes.html", purposes=known, notices=latest, counts=counts)


@door.get("/privacy/purposes/<code>")
@requires("privacy.manage")
def edit_purpose(code: str) -> str:
    return purpose_page(definitions.catalogue(now=clock.now()).of(code))


@door.post("/privacy/purposes/<code>")
@requires("privacy.manage")
def change_purpose(code: str) -> str | tuple[str, int] | Response:
    wanted, now = read_purpose(request.form.get("code", code)), clock.now()
    try:
        made = defining.define_purpose(purpose=wanted, effective_from=now, by=present().staff.name, now=now)
    except (defining.UnusablePurpose, defining.NothingChanged) as error:
        return purpose_page(wanted, error=error), error.status
    return done("purpose.defined", f"{made.code}@{made.version}")


@door.get("/privacy/notices/<code>")
@requires("privacy.manage")
def edit_notice(code: str) -> str:
    return notice_page(code)


@door.post("/privacy/notices/<code>")
@requires("privacy.manage")
def change_notice(code: str) -> str | tuple[str, int] | Response:
    form, now = request.form, clock.now()
    code = form.get("code", code).strip().lower()
    try:
        made = defining.publish_notice(
            code=code, texts={locale: form.get(f"text_{locale}", "") for locale in ("en", "pl")},
            purposes=form.getlist("purposes"), about={name: form.get(name, "").strip() for name in ABOUT},
            effective_from=now, by=present().staff.name, now=now,
        )  # fmt: skip
    except (defining.UnusableNotice, defining.NothingChanged) as error:
        return notice_page(code, error=error), error.status
    return done("notice.published", f"{code}@{made[0].version}")


ABOUT = ("controller", "withdrawal", "policy_url", "approved_by")


def purpose_page(purpose: purposes.Purpose, *, error: Any = None) -> str:
    versions = definitions.purpose_versions(purpose.code)
    return render_template("privacy/purpose.html", purpose=purpose, versions=versions, error=error, choices=purposes)


def notice_page(code: str, *, error: Any = None) -> str:
    """The newest version of a text to be changed, how many permissions rest on each, and what it said before."""
    now = clock.now()
    versions = definitions.notice_versions_or_none(code)
    newest = {one.locale: one for one in versions if one.version == versions[0].version}
    return render_template(
        "privacy/notice.html", code="" if code == "new" else code, newest=newest, versions=versions, error=error,
        counts=resting.permissions_on(versions, now=now), purposes=definitions.catalogue(now=now).known, about=ABOUT,
    )  # fmt: skip


def read_purpose(code: str) -> purposes.Purpose:
    """What the form says, over what the purpose is now."""
    form, before = request.form, definitions.catalogue(now=clock.now()).of(code.strip().lower())
    chosen: dict[str, Any] = {name: form.get(name, "") for name in ("basis", "min_grade", "scope")}
    return replace(
        before, names={locale: form.get(f"name_{locale}", "").strip() for locale in ("en", "pl")},
        channels=tuple(form.getlist("channels")), retention=form.get("retention", "").strip(),
        recipients=tuple(each.strip() for each in form.get("recipients", "").splitlines() if each.strip()),
        balancing_ref=form.get("balancing_ref", "").strip(), validity_months=form.get("validity_months", type=int),
        min_age=form.get("min_age", type=int), commercial="commercial" in form, profiling="profiling" in form,
        special_category="special_category" in form, **chosen,
    )  # fmt: skip


def done(action: str, subject: str) -> Response:
    """On the audit trail, and back to the list."""
    details = {"version": subject}
    audit.record(actor=actor(), action=action, subject_kind="purpose", details=details, now=clock.now())
    flash(gettext("Saved as a new version. What was agreed to before rests on the text of then."))
    return redirect(url_for("web.consent_purposes"), 303)
