"""What a customer told a colleague: a consent with its proof, an objection, a restriction; and what stops us, lifted."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response as Answer
from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.consents import attachments, definitions, stopping
from crm360.flows import attesting
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.kernel.errors import Invalid
from crm360.profiles import queries as profiles
from crm360.web import reads
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor, present

REACHABLE = ("email", "phone")


@door.get("/customers/<int:profile_id>/permissions")
@requires("consents.write")
def permissions(profile_id: int) -> str:
    profile_id = identity.current(profile_id)
    reads.note_opened(profile_id)
    return page(profile_id)


@door.post("/customers/<int:profile_id>/permissions")
@requires("consents.write")
def state_permission(profile_id: int) -> str | tuple[str, int] | Response:
    profile_id = identity.current(profile_id)
    try:
        attesting.state(said=heard(profile_id), by=present().staff.name, now=clock.now())
    except Invalid as error:
        return page(profile_id, error=error), error.status
    return done(profile_id, "consent.recorded", {"state": request.form.get("state", "")})


@door.post("/customers/<int:profile_id>/stops")
@requires("consents.write")
def place_stop(profile_id: int) -> str | tuple[str, int] | Response:
    profile_id, kind = identity.current(profile_id), request.form.get("kind", "")
    ground, by = request.form.get("ground", ""), present().staff.name
    try:
        attesting.stop(profile_id=profile_id, kind=kind, ground=ground, by=by, now=clock.now())
    except stopping.UnusableStop as error:
        return page(profile_id, error=error), error.status
    return done(profile_id, "stop.placed", {"kind": kind})


@door.post("/customers/<int:profile_id>/stops/<kind>/lifting")
@requires("privacy.manage")
def lift_stop(profile_id: int, kind: str) -> str | tuple[str, int] | Response:
    profile_id = identity.current(profile_id)
    reason, by = request.form.get("reason", ""), present().staff.name
    try:
        attesting.lift(profile_id=profile_id, kind=kind, reason=reason, by=by, now=clock.now())
    except stopping.UnusableStop as error:
        return page(profile_id, error=error), error.status
    return done(profile_id, "stop.lifted", {"kind": kind})


@door.get("/customers/<int:profile_id>/proofs/<int:attachment_id>")
@requires("consents.write")
def consent_proof(profile_id: int, attachment_id: int) -> Answer:
    kept = attachments.get(attachment_id)
    if kept.contact_id not in {contact.id for contact in identity.contacts_of(identity.current(profile_id))}:
        raise attachments.AttachmentNotFound("This file is not kept here any more.")
    reads.note_opened(profile_id)
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Answer(kept.content, content_type=kept.content_type, headers=headers)


def heard(profile_id: int) -> attesting.Attested:
    """What the form says; the address is one of this customer's."""
    form, sent = request.form, request.files.get("attachment")
    wanted = form.get("identifier", type=int)
    held = next((each.id for each in addresses(profile_id) if each.id == wanted), None)
    if held is None:
        raise attesting.NotAttested("Choose an address.", errors={"identifier": ["Choose an address."]})
    content = sent.read(attachments.LARGEST + 1) if sent and sent.filename else b""
    purpose, _, notice = form.get("purpose", "").partition("|")
    return attesting.Attested(
        identifier_id=held, purpose=purpose, notice=notice, channel=form.get("channel", ""), state=form.get("state", ""),
        way=form.get("way", ""), said_at=moment(form.get("said_at", "")), note=form.get("note", ""),
        attachment=(str(sent.filename), content) if sent and content else None,
    )  # fmt: skip


def moment(typed: str) -> datetime:
    """A local date and time of the form; now when nothing was typed."""
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        return clock.now()
    return at.replace(tzinfo=ZoneInfo(current_app.config["SETTINGS"].timezone)) if at.tzinfo is None else at


def addresses(profile_id: int) -> list[Any]:
    """The e-mails and phones of a customer, each once."""
    found = {(each.kind, each.normal): each for each in reversed(identity.identifiers_of(profile_id))}
    return [each for (kind, _), each in sorted(found.items()) if kind in REACHABLE]


def page(profile_id: int, *, error: Any = None) -> str:
    now = clock.now()
    contacts = [contact.id for contact in identity.contacts_of(profile_id)]
    texts = {one.purposes[0]: f"{one.code}@{one.version}" for one in reversed(definitions.notices()) if one.purposes}
    stops = {each.kind: each for each in stopping.standing(contact_ids=contacts)}
    return render_template(
        "customers/permissions.html", profile_id=profile_id, record=profiles.golden([profile_id]).get(profile_id),
        addresses=addresses(profile_id), purposes=definitions.catalogue(now=now).known, texts=texts, stops=stops,
        proofs=attachments.of_contacts(contacts), ways=attesting.WAYS, states=attesting.STATES, error=error,
        given=request.form,
    )  # fmt: skip


def done(profile_id: int, action: str, details: dict[str, str]) -> Response:
    """On the audit trail, and to the customer."""
    audit.record(
        actor=actor(), action=action, subject_kind="profile", subject_id=profile_id, details=details, now=clock.now()
    )
    flash(gettext("Saved."))
    return redirect(url_for("web.permissions", profile_id=profile_id), 303)
