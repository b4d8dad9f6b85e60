"""What a customer's words sound like is a guess; a colleague says what it is."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.profiles import tones
from crm360.web import reads
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor


@door.get("/tones/<int:entry_id>")
@requires("customers.write")
def tone(entry_id: int) -> str:
    entry = tones.get(entry_id)
    profile_id = identity.profile_ids([entry.contact_id]).get(entry.contact_id)
    if profile_id is not None:
        reads.note_opened(profile_id)
    return render_template("customers/tone.html", entry=entry, profile_id=profile_id, tones=tones.TONES)


@door.post("/tones/<int:entry_id>")
@requires("customers.write")
def correct_tone(entry_id: int) -> Response:
    said = request.form.get("tone", "")
    entry = tones.correct(entry_id=entry_id, tone=said, by=actor().name, now=clock.now())
    audit.record(
        actor=actor(), action="tone.corrected", subject_kind="contact", subject_id=entry.contact_id, now=clock.now(),
        details={"tone": said},
    )  # fmt: skip
    flash(gettext("Saved."))
    profile_id = identity.profile_ids([entry.contact_id]).get(entry.contact_id)
    if profile_id is None:
        return redirect(url_for("web.tone", entry_id=entry_id), 303)
    return redirect(url_for("web.customer", profile_id=profile_id), 303)
