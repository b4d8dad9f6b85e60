"""A person's decisions on who is who: merge, not the same, split, undo."""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.flows import pinning as pinned
from crm360.flows import review
from crm360.identity import queries as identity
from crm360.identity.operations import Outcome
from crm360.kernel import clock
from crm360.kernel.errors import Invalid
from crm360.profiles import pinning
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.sign_in import safe_address
from crm360.web.visitors import actor, present


class NoOtherCustomer(Invalid):
    """The form does not name the second customer."""


@door.post("/customers/<int:profile_id>/merges")
@requires("merges.decide")
def merge(profile_id: int) -> Response:
    now, pair = clock.now(), [profile_id, other()]
    pin_chosen(pair, now)
    outcome = review.merge(profile_ids=pair, by=present().staff.name, reason=request.form.get("reason", ""), now=now)
    write_down("customers.merged", outcome, pair)
    flash(gettext("Merged into one customer."), f"undo:{outcome.decision_id}")
    return to_customer(profile_id)


@door.post("/customers/<int:profile_id>/distinctions")
@requires("merges.decide")
def distinguish(profile_id: int) -> Response:
    now, pair = clock.now(), [profile_id, other()]
    by, reason = present().staff.name, request.form.get("reason", "")
    outcome = review.distinguish(profile_ids=pair, by=by, reason=reason, now=now)
    write_down("customers.distinguished", outcome, pair)
    flash(gettext("Remembered: these are two people."), f"undo:{outcome.decision_id}")
    return to_customer(profile_id)


@door.post("/customers/<int:profile_id>/splits")
@requires("merges.decide")
def split(profile_id: int) -> Response:
    now, chosen = clock.now(), request.form.getlist("contact", type=int)
    by, reason = present().staff.name, request.form.get("reason", "")
    outcome = review.split(profile_id=profile_id, contact_ids=chosen, by=by, reason=reason, now=now)
    write_down("customer.split", outcome, [profile_id])
    flash(gettext("Split into two customers."), f"undo:{outcome.decision_id}")
    return to_customer(profile_id)


@door.post("/decisions/<int:decision_id>/undo")
@requires("merges.decide")
def undo(decision_id: int) -> Response:
    by, reason = present().staff.name, request.form.get("reason", "")
    outcome = review.undo(decision_id=decision_id, by=by, reason=reason, now=clock.now())
    touched = sorted(outcome.profile_ids)
    write_down("decision.undone", outcome, touched)
    flash(gettext("Undone. Everything is back where it belongs."))
    if request.form.get("back"):
        return redirect(safe_address(request.form.get("back")), 303)
    return to_customer(request.form.get("profile_id", type=int) or (touched[0] if touched else 0))


def pin_chosen(pair: list[int], now: datetime) -> None:
    """Pin each field's value that was chosen for the merged customer, on the side that said it: an undo finds it there.

    The form says `keep-<field>` = the chosen side's profile id, and `said-<id>-<field>` what that side said.
    """
    for field in pinning.FIELDS:
        side = request.form.get(f"keep-{field}", type=int)
        if side in pair and (value := request.form.get(f"said-{side}-{field}", "")):
            by = present().staff.name
            kept = pinned.pin(profile_id=identity.current(side), field=field, value=value, by=by, now=now)
            details = {"field": field, "value": kept}
            audit.record(
                actor=actor(), action="field.pinned", subject_kind="profile", subject_id=side, details=details, now=now
            )


def other() -> int:
    """The second customer of the form."""
    found = request.form.get("other_id", type=int)
    if not found:
        raise NoOtherCustomer(gettext("Choose the other customer."))
    return found


def write_down(action: str, outcome: Outcome, profile_ids: list[int]) -> None:
    """One audit entry per customer the decision was about."""
    details = {"decision_id": outcome.decision_id, "profile_ids": profile_ids}
    acts = [
        audit.Act(actor=actor(), action=action, subject_kind="profile", subject_id=each, details=details)
        for each in profile_ids
    ]
    audit.record_all(acts=acts, now=clock.now())


def to_customer(profile_id: int) -> Response:
    """The page of the customer, wherever that is now."""
    return redirect(url_for("web.customer", profile_id=identity.current(profile_id)), 303)
