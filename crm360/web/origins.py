"""Where what we know comes from: the raw record behind a line, and why a customer's records are one person."""

from __future__ import annotations

import json
from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import reads as noted
from crm360.identity import queries as identity
from crm360.identity import ties
from crm360.identity.thresholds import thresholds
from crm360.inbox import queries as inbox
from crm360.kernel.errors import NotFound
from crm360.profiles import queries as profiles
from crm360.profiles import raw_records
from crm360.web import graph, reads
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor

LONGEST_SHOWN = 64 * 1024


class NoSuchRecord(NotFound):
    """The payload is nobody's, or another customer's."""


@door.get("/customers/<int:profile_id>/payloads/<int:payload_id>")
@requires("contacts.reveal")  # as it came: nothing of it can be masked
def raw_record(profile_id: int, payload_id: int) -> str:
    if not raw_records.is_of(identity.current(profile_id), payload_id):
        raise NoSuchRecord(gettext("This customer has no such source record."))
    details = {"payload_id": payload_id}
    noted.note(actor=actor(), action="record.opened", subject_kind="profile", subject_id=profile_id, details=details)
    kept = inbox.get_payload(payload_id)
    source = inbox.source_names({kept.source_id}).get(kept.source_id, "")
    shown = readable(kept.body)
    return render_template("customers/raw_record.html", profile_id=profile_id, kept=kept, source=source, text=shown)


@door.get("/customers/<int:profile_id>/graph")
@requires("customers.read")
def identity_graph(profile_id: int) -> str | Response:
    contacts = [contact for contact in identity.contacts_of(profile_id) if not contact.anonymous]
    if not contacts:
        return redirect(url_for("web.identity_graph", profile_id=identity.current(profile_id)))
    reads.note_opened(profile_id)
    return render_template("customers/graph.html", **held_together(profile_id, contacts))


def held_together(profile_id: int, contacts: list[Any]) -> dict[str, Any]:
    """The records, the ties between them, and the ties without which they would be two people."""
    found = ties.ties_of(profile_id)
    path = graph.joining(found, join=thresholds().join)
    return {
        "profile_id": profile_id,
        "record": profiles.golden([profile_id]).get(profile_id),
        "contacts": contacts,
        "by_id": {contact.id: contact for contact in contacts},
        "ties": found,
        "path": path,
        "drawn": graph.drawing(contacts, found, path),
        "most_drawn": graph.MOST_DRAWN,
    }


def readable(body: bytes) -> str:
    """A payload's body for reading: JSON with indents, anything else as the text it is."""
    text = body[:LONGEST_SHOWN].decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)[:LONGEST_SHOWN]
    except (ValueError, RecursionError):
        return text
