"""Identifiers that join nobody, each with the reason; what administrators ruled of values, and ruling."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.flows import rulings
from crm360.identity import listing, ruling, value_rules
from crm360.identity.shared_values import fills_a_form, nobodys_by_nature, standing
from crm360.identity.value_rules import AlreadyRuled, BadRule, Effect
from crm360.kernel import clock
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor, present

PER_PAGE = 50
NATURAL = 20


@door.get("/duplicates/values")
@requires("merges.decide")
def shared_values() -> str:
    return render_template("duplicates/values.html", **values_shown())


@door.post("/duplicates/values")
@requires("identity.manage")
def rule_value() -> Response | tuple[str, int]:
    given = {name: request.form.get(name, "").strip() for name in ("kind", "value", "rule", "reason")}
    by, region = present().staff.name, current_app.config["SETTINGS"].phone_region
    try:
        effect = rulings.rule_value(**given, by=by, region=region, now=clock.now())
    except (BadRule, AlreadyRuled) as error:
        return render_template("duplicates/values.html", error=error, given=given, **values_shown()), error.status
    write_down("value.ruled", effect, {"kind": given["kind"], "rule": given["rule"]})
    told = (
        gettext("Blocked: it joins nobody any more.")
        if given["rule"] == ruling.BLOCKED
        else gettext("It counts as one person’s own again.")
    )
    flash(told)
    return redirect(url_for("web.shared_values"), 303)


@door.post("/duplicates/values/<int:rule_id>/removal")
@requires("identity.manage")
def lift_rule(rule_id: int) -> Response:
    effect = rulings.lift(rule_id=rule_id, by=present().staff.name, now=clock.now())
    write_down("value.freed", effect, {})
    flash(gettext("The rule is lifted. Everybody who carries the value was looked at again."))
    return redirect(url_for("web.shared_values"), 303)


def values_shown() -> dict[str, Any]:
    """The lists of the page, and what is known of the value asked for."""
    asked = request.args.get("value", "").strip()[: value_rules.LONGEST]
    region = current_app.config["SETTINGS"].phone_region
    learned = listing.shared(after=request.args.get("after", ""), limit=PER_PAGE)
    return {
        "asked": asked,
        "standings": standing(asked, region=region) if asked else [],
        "fills": bool(asked) and fills_a_form(asked, region=region),
        "learned": learned.items,
        "next_cursor": learned.next_cursor,
        "natural": list(nobodys_by_nature(limit=NATURAL)),
        "rules": value_rules.rules(limit=200),
        "past": value_rules.rules(past=True, limit=PER_PAGE),
        "kinds": value_rules.KINDS,
        "guessed": "phone" if asked and "@" not in asked else "email",
    }


def write_down(action: str, effect: Effect, details: dict[str, Any]) -> None:
    """One audit entry; the value itself stays in its own row."""
    told = {"records": len(effect.contact_ids), "customers": len(effect.profile_ids), **details}
    audit.record(
        actor=actor(),
        action=action,
        subject_kind="value rule",
        subject_id=effect.rule_id,
        details=told,
        now=clock.now(),
    )
