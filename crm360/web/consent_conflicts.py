"""What stands against each other, and whose an address is: listed, told what it means, settled on record."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.consents import contradicting, tenancy
from crm360.flows import attesting, settling
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.profiles import queries as profiles
from crm360.web import moments, named
from crm360.web.blueprint import door
from crm360.web.consent_audit import note_read
from crm360.web.policy import requires
from crm360.web.visitors import actor, present

MOST_SHOWN = 200
PASSING = "/privacy/consents/<int:profile_id>/addresses/<int:identifier_id>/passing"


class NotTheirAddress(identity.ContactNotFound):
    """The customer has no such address."""


@door.get("/privacy/conflicts")
@requires("privacy.manage")
def consent_conflicts() -> str:
    return listing()


@door.post("/privacy/conflicts")
@requires("privacy.manage")
def settle_conflict() -> Response | tuple[str, int]:
    form, now = request.form, clock.now()
    key = {name: form.get(name, "") for name in ("kind", "normal", "purpose", "channel")}
    try:
        found = settling.refuse(
            **key, way=form.get("way", ""), note=form.get("note", ""), by=present().staff.name, now=now
        )
    except DomainError as error:
        db.session.rollback()
        return listing(error=error), error.status
    about = {"purpose": key["purpose"], "channel": key["channel"]}
    audit.record(actor=actor(), action="conflict.settled", subject_kind="profile", subject_id=found.profile_id, details=about, now=now)  # fmt: skip
    flash(gettext("Written down: this address is not used for that. Only the person can open it again."))
    return redirect(url_for("web.consent_conflicts"), 303)


def listing(*, error: DomainError | None = None) -> str:
    """Everything that waits for somebody's word."""
    rows, earlier = contradicting.waiting(before=request.args.get("before", type=int), now=clock.now())
    shown = rows[:MOST_SHOWN]
    for profile_id in {each.profile_id for each in shown if each.profile_id is not None}:
        note_read(profile_id)
    names = profiles.golden(sorted({each.profile_id for each in shown if each.profile_id is not None}))
    return render_template("privacy/conflicts.html", rows=shown, count=len(rows), earlier=earlier, names=names, ways=attesting.WAYS, error=error, typed=request.form)  # fmt: skip


@door.get(PASSING)
@requires("privacy.manage")
def address_passing(profile_id: int, identifier_id: int) -> str:
    note_read(profile_id)
    return passing_page(profile_id, identifier_id)


@door.post(PASSING)
@requires("privacy.manage")
def pass_address_on(profile_id: int, identifier_id: int) -> Response | tuple[str, int]:
    form, now = request.form, clock.now()
    held = their_address(profile_id, identifier_id)
    since, typed = moments.typed(form.get("since")) or now, form.get("to", "").strip()
    try:
        to = named.chosen(typed, field="to") if typed else None
        settling.pass_on(kind=held.kind, normal=held.normal, to=to, since=since, reason=form.get("reason", ""), by=present().staff.name, now=now)  # fmt: skip
    except DomainError as error:
        db.session.rollback()
        return passing_page(profile_id, identifier_id, error=error), error.status
    audit.record(actor=actor(), action="address.passed_on", subject_kind="profile", subject_id=profile_id, details={"to": to, "kind": held.kind}, now=now)  # fmt: skip
    flash(gettext("The address passed on. What was said of it before counts no more."))
    return redirect(url_for("web.consent_audit", profile_id=profile_id, _anchor="addresses"), 303)


def their_address(profile_id: int, identifier_id: int) -> Any:
    """The identifier, when it is this customer's. Raises NotTheirAddress."""
    found = identity.address(identifier_id)
    if found is None or found[0].profile_id != identity.current(profile_id) or found[1].kind not in tenancy.KINDS:
        raise NotTheirAddress("This customer has no such address.")
    return found[1]


def passing_page(profile_id: int, identifier_id: int, *, error: DomainError | None = None) -> str:
    """What it means, before anything is done."""
    held, now = their_address(profile_id, identifier_id), clock.now()
    meaning = settling.meaning(kind=held.kind, normal=held.normal, now=now)
    tenures = tenancy.tenures_of([(held.kind, held.normal)]).get((held.kind, held.normal), [])
    return render_template(
        "privacy/passing.html", profile_id=profile_id, held=held, meaning=meaning, tenures=tenures, error=error, typed=request.form,
        names=profiles.golden(meaning.holders), at_field=moments.field(now),
    )  # fmt: skip
