"""How long data are kept: the rules, what they would do now, what they did."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.flows import retaining
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.safeguards import retention
from crm360.web import privacy_words
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor, present


@door.get("/privacy/retention")
@requires("privacy.manage")
def retention_rules() -> str:
    return listing()


@door.post("/privacy/retention/<kind>")
@requires("privacy.manage")
def set_retention(kind: str) -> str | Response | tuple[str, int]:
    form, now = request.form, clock.now()
    months = form.get("months", type=int) if form.get("months", "").strip() else None
    if form.get("rehearse"):
        return listing(tried=(kind, months))
    try:
        retention.set_rule(
            kind=kind, months=months, legal_ref=form.get("legal_ref", ""), by=present().staff.name, now=now
        )
    except DomainError as error:
        db.session.rollback()
        return listing(error=error, at=kind), error.status
    audit.record(actor=actor(), action="retention.set", details={"kind": kind, "months": months}, now=now)
    flash(gettext("The rule counts from now on; what is due goes within the hour."))
    return redirect(url_for("web.retention_rules"), 303)


def listing(*, tried: tuple[str, int | None] | None = None, error: DomainError | None = None, at: str = "") -> str:
    """Each kind of data with its rule, and what that meets now; `tried` rehearses another time for one of them."""
    now, rules = clock.now(), retention.rules()
    met = {
        kind: retaining.rehearse(kind=kind, months=rule.months, now=now) for kind, rule in rules.items() if rule.months
    }
    rehearsed = None
    if tried and tried[0] in retention.BY_CODE and tried[1] and 1 <= tried[1] <= retention.LONGEST_MONTHS:
        rehearsed = (*tried, retaining.rehearse(kind=tried[0], months=tried[1], now=now))
    settings = current_app.config["SETTINGS"]
    return render_template("privacy/retention.html", kinds=retention.KINDS, rules=rules, met=met, runs=retention.runs(), rehearsed=rehearsed,
                           error=error, at=at, words=privacy_words, visitor_days=settings.anonymous_retention_days)  # fmt: skip
