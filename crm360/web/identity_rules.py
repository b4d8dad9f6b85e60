"""How many identifiers a customer collects, and how the value of each field is chosen: read and set by administrators."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.identity import limit_setting, limits, ruling
from crm360.kernel import clock
from crm360.profiles import field_rules, survivorship
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor, present


@door.get("/duplicates/rules")
@requires("identity.manage")
def identity_rules() -> str:
    return render_template("duplicates/rules.html", **rules_shown())


@door.post("/duplicates/limits")
@requires("identity.manage")
def set_limits() -> Response | tuple[str, int]:
    now, by = clock.now(), present().staff.name
    try:
        wanted = {kind: whole_number(request.form.get(kind, "")) for kind in limits.USUAL if kind in request.form}
        before = ruling.limits_in_force()
        changed = {k: most for k, most in wanted.items() if limit_setting.set_limit(kind=k, most=most, by=by, now=now)}
    except limit_setting.BadLimit as error:
        return render_template("duplicates/rules.html", error=error, given=request.form, **rules_shown()), 422
    write_down("limit.set", {kind: [before[kind], most] for kind, most in changed.items()})
    return saved(bool(changed))


@door.post("/duplicates/field-rules")
@requires("identity.manage")
def set_field_rules() -> Response:
    now, by = clock.now(), present().staff.name
    before, wanted = (
        field_rules.in_force(),
        {name: request.form[name] for name in field_rules.FIELDS if name in request.form},
    )
    changed = {
        name: rule for name, rule in wanted.items() if field_rules.set_rule(field=name, rule=rule, by=by, now=now)
    }
    write_down("field rule.set", {name: [before[name], rule] for name, rule in changed.items()})
    return saved(bool(changed))


def rules_shown() -> dict[str, Any]:
    """Everything the page tells."""
    return {
        "limits": ruling.limits_in_force(),
        "usual_limits": limits.USUAL,
        "set_limits": limit_setting.set_limits(),
        "most": limits.MOST,
        "limits_wait": limit_setting.limits_wait(),
        "fields": field_rules.FIELDS,
        "rules": field_rules.in_force(),
        "choices": {name: survivorship.rules_for(name) for name in field_rules.FIELDS},
        "usual": survivorship.default_rule,
        "set_rules": field_rules.set_rules(),
        "left_to_do": field_rules.left_to_do() if field_rules.rules_wait() else 0,
        "trusted": current_app.config["SETTINGS"].trusted_sources,
    }


def whole_number(text: str) -> int:
    """Digits of a form. Raises BadLimit."""
    cleaned = text.strip()
    if not cleaned.isascii() or not cleaned.isdigit() or len(cleaned) > 9:
        raise limit_setting.BadLimit(f"A limit is a whole number from 0 (none) to {limits.MOST}.")
    return int(cleaned)


def saved(changed: bool) -> Response:
    flash(gettext("Saved. Customers follow within a minute or so.") if changed else gettext("Nothing was changed."))
    return redirect(url_for("web.identity_rules"), 303)


def write_down(action: str, changes: dict[str, Any]) -> None:
    """One audit entry with what was and what is."""
    if changes:
        audit.record(actor=actor(), action=action, details=changes, now=clock.now())
