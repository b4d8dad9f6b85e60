"""Notes and tags a person puts on a customer."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.kernel import clock
from crm360.profiles import operations, queries
from crm360.sales import operations as sales
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires
from crm360.web.visitors import actor, present


@door.post("/customers/<int:profile_id>/notes")
@requires("customers.write")
def add_note(profile_id: int) -> str | Response:
    now = clock.now()
    by, body = present().staff.name, request.form.get("body", "")
    sales.note_mentions(note=operations.add_note(profile_id=profile_id, body=body, by=by, now=now))
    audit.record(actor=actor(), action="note.written", subject_kind="profile", subject_id=profile_id, now=now)
    if is_fragment():
        said, written = gettext("The note is saved."), queries.notes(profile_id)
        return render_template("customers/notes.html", profile_id=profile_id, notes=written, said=said)
    return redirect(url_for("web.customer", profile_id=profile_id, _anchor="notes"), 303)


@door.post("/customers/<int:profile_id>/tags")
@requires("customers.write")
def add_tag(profile_id: int) -> str | Response:
    now, name = clock.now(), request.form.get("name", "")
    operations.set_tag(profile_id=profile_id, name=name, by=present().staff.name, now=now)
    details = {"tag": name.strip()}
    audit.record(
        actor=actor(), action="tag.set", subject_kind="profile", subject_id=profile_id, details=details, now=now
    )
    return tags_shown(profile_id, gettext("The tag is added."))


@door.post("/customers/<int:profile_id>/tags/removal")
@requires("customers.write")
def remove_tag(profile_id: int) -> str | Response:
    now, name = clock.now(), request.form.get("name", "")
    operations.remove_tag(profile_id=profile_id, name=name, by=present().staff.name, now=now)
    details = {"tag": name}
    audit.record(
        actor=actor(), action="tag.removed", subject_kind="profile", subject_id=profile_id, details=details, now=now
    )
    return tags_shown(profile_id, gettext("The tag is removed."))


def tags_shown(profile_id: int, said: str) -> str | Response:
    """The part of the page that changed with what was done, or the page again."""
    if is_fragment():
        return render_template("customers/tags.html", profile_id=profile_id, tags=queries.tags(profile_id), said=said)
    return redirect(url_for("web.customer", profile_id=profile_id, _anchor="tags"), 303)
