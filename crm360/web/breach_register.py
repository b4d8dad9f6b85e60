"""The register of breaches: who was affected, what was done, and the clock of 72 hours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit, reads
from crm360.accounts import queries as accounts
from crm360.flows import affected
from crm360.inbox import queries as inbox
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.safeguards import breaches
from crm360.safeguards.models import Breach
from crm360.web import moments, privacy_words, tables
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor, present

BREACH = "/privacy/breaches/<int:breach_id>"
SHOWN = 100


@door.get("/privacy/breaches")
@requires("privacy.manage")
def breach_list() -> str:
    return render_template(
        "privacy/breaches.html", rows=breaches.register(), due_at=breaches.due_at, words=privacy_words
    )


@door.get("/privacy/breaches/new")
@requires("privacy.manage")
def new_breach() -> str:
    return question()


@door.post("/privacy/breaches")
@requires("privacy.manage")
def record_breach() -> str | Response | tuple[str, int]:
    if request.form.get("count"):
        return question()
    now = clock.now()
    try:
        made = breaches.record(breach=described(now), by=present().staff.name, now=now)
    except DomainError as error:
        db.session.rollback()
        return question(error=error), error.status
    return done("breach.recorded", made.id, gettext("Recorded. The clock runs from the moment you knew."))


@door.get(BREACH)
@requires("privacy.manage")
def breach(breach_id: int) -> str:
    found = breaches.get(breach_id)
    ids = affected_by(found)
    people = affected.people(ids[:SHOWN])
    reads.note(actor=actor(), action="breach.opened", subject_kind="breach", subject_id=breach_id)
    return render_template("privacy/breach.html", breach=found, count=len(ids), people=people, due=breaches.due_at(found),
                           words=privacy_words, value=scope_words(found.scope), now_field=moments.field(clock.now()))  # fmt: skip


@door.get(f"{BREACH}/people.csv")
@requires("privacy.manage")
def breach_people(breach_id: int) -> Response:
    ids = affected_by(breaches.get(breach_id))
    details = {"people": len(ids)}
    reads.note(actor=actor(), action="breach.exported", subject_kind="breach", subject_id=breach_id, details=details)
    lines = (
        (each.profile_id, each.name, " ".join(each.emails), " ".join(each.phones)) for each in affected.people(ids)
    )
    return tables.as_csv(("profile_id", "name", "emails", "phones"), lines, name=f"breach-{breach_id}")


@door.post(f"{BREACH}/notice")
@requires("privacy.manage")
def tell_of_breach(breach_id: int) -> Response:
    now, form = clock.now(), request.form
    at = min(moments.typed(form.get("at")) or now, now)
    if form.get("whom") == "people":
        breaches.tell_people(breach_id=breach_id, at=at, now=now)
    else:
        breaches.tell_authority(breach_id=breach_id, at=at, reason=form.get("reason", ""), now=now)
    return done("breach.told", breach_id, gettext("Noted."))


@door.post(f"{BREACH}/closing")
@requires("privacy.manage")
def close_breach(breach_id: int) -> Response:
    form = request.form
    breaches.close(breach_id=breach_id, measures=form.get("measures", ""), reason=form.get("reason", ""), now=clock.now())  # fmt: skip
    return done("breach.closed", breach_id, gettext("Closed. It stays in the register."))


def question(*, error: DomainError | None = None) -> str:
    """The form: what was open, between when and when; with the count of people as soon as that is said."""
    now, form = clock.now(), request.form
    scope, began, ended = scope_asked(), moments.typed(form.get("began_at")), moments.typed(form.get("ended_at"))
    count = None
    if scope and began and ended:
        count = len(affected.profiles_of(scope=scope, began_at=began, ended_at=ended))
    return render_template("privacy/breach_form.html", typed=form, count=count, error=error, words=privacy_words, staff=accounts.all_staff(),
                           sources=[source.name for source in inbox.all_sources()], kinds=affected.KINDS, now_field=moments.field(now))  # fmt: skip


def described(now: datetime) -> breaches.NewBreach:
    """The breach as the form tells it. Raises UnusableBreach where it says too little to count anybody."""
    form, scope = request.form, scope_asked()
    began, ended = moments.typed(form.get("began_at")), moments.typed(form.get("ended_at"))
    if scope is None or began is None or ended is None:
        told = "Say what was open, and between which two moments."
        raise breaches.UnusableBreach(told, errors={"scope": [told]})
    people = len(affected.profiles_of(scope=scope, began_at=began, ended_at=ended))
    return breaches.NewBreach(
        title=form.get("title", ""), nature=form.get("nature", ""), scope=scope, began_at=began, ended_at=ended,
        known_at=(moments.typed(form.get("known_at")) or now).replace(second=0, microsecond=0), people=people, risk=form.get("risk", ""),
        consequences=form.get("consequences", ""), measures=form.get("measures", ""),
    )  # fmt: skip


def scope_asked() -> dict[str, Any] | None:
    """What was open, by one of the three choices; None while nothing is chosen."""
    by, reach = request.form.get("by", ""), request.form.get("reach", "held")
    value = request.form.get(f"value_{by}", "") if by in breaches.SCOPES else ""
    if not value or reach not in affected.REACHES or (by == "kind" and value not in affected.KINDS):
        return None
    if by == "staff":
        return {"by": by, "value": int(value)} if value.isdigit() else None
    return {"by": by, "value": value, "reach": reach}


def affected_by(found: Breach) -> list[int]:
    """Counted anew: what is recorded late or merged since counts."""
    return affected.profiles_of(scope=found.scope, began_at=found.began_at, ended_at=found.ended_at)


def scope_words(scope: dict[str, Any]) -> str:
    """The source, the colleague or the kind of data."""
    if scope["by"] == "staff":
        return str(next((each.name for each in accounts.all_staff() if each.id == scope["value"]), scope["value"]))
    return str(privacy_words.DATA.get(scope["value"], scope["value"]) if scope["by"] == "kind" else scope["value"])


def done(action: str, breach_id: int, words: str) -> Response:
    """On record, said, and back to the breach."""
    audit.record(actor=actor(), action=action, subject_kind="breach", subject_id=breach_id, now=clock.now())
    flash(words)
    return redirect(url_for("web.breach", breach_id=breach_id), 303)
