"""Staff say which value of a field is right: choosing, pinning, unpinning."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.flows import pinning as flow
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.kernel.errors import NotFound
from crm360.profiles import pinning, queries
from crm360.profiles.models import GoldenRecord
from crm360.web import reads
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires
from crm360.web.visitors import actor, present

ADDRESS = "/customers/<int:profile_id>/fields/<name>"


class NoSuchField(NotFound):
    """The address names no field of a customer."""


@door.get(ADDRESS)
@requires("customers.write")
def pin_form(profile_id: int, name: str) -> str:
    live = identity.current(profile_id)
    reads.note_opened(live)
    return render_template("customers/pin.html" if is_fragment() else "customers/pin_page.html", **field(live, name))


@door.get("/customers/<int:profile_id>/fields")
@requires("customers.read")
def details(profile_id: int) -> str | Response:
    return details_shown(identity.current(profile_id))


@door.post(f"{ADDRESS}/pins")
@requires("customers.write")
def pin(profile_id: int, name: str) -> str | Response:
    live, now = identity.current(profile_id), clock.now()
    value = request.form.get("typed", "").strip() or request.form.get("value", "")
    kept = flow.pin(profile_id=live, field=name, value=value, by=present().staff.name, now=now)
    write_down("field.pinned", live, {"field": name, "value": kept})
    return details_shown(live)


@door.post(f"{ADDRESS}/pins/removal")
@requires("customers.write")
def unpin(profile_id: int, name: str) -> str | Response:
    live = identity.current(profile_id)
    if flow.unpin(profile_id=live, field=name, by=present().staff.name, now=clock.now()):
        write_down("field.unpinned", live, {"field": name})
    return details_shown(live)


def field(profile_id: int, name: str) -> dict[str, Any]:
    """A field with the values to choose from, each spelling once. Raises NoSuchField."""
    if name not in pinning.FIELDS:
        raise NoSuchField(gettext("There is no such field."))
    shown = record(profile_id)
    said = shown.fields.get(name)
    choices = {each["value"]: each for each in reversed([said, *said["others"]])} if said else {}
    return {
        "profile_id": profile_id, "name": name, "record": shown, "said": said, "choices": list(choices.values())[::-1]
    }  # fmt: skip


def details_shown(profile_id: int) -> str | Response:
    """The part of the page that changed, or the page again."""
    if is_fragment():
        return render_template("customers/details_changed.html", profile_id=profile_id, record=record(profile_id))
    return redirect(url_for("web.customer", profile_id=profile_id, _anchor="details"), 303)


def record(profile_id: int) -> GoldenRecord:
    """The golden record; an empty one of a customer nothing is known of."""
    found = queries.golden([profile_id]).get(profile_id)
    return found or GoldenRecord(display_name=f"#{profile_id}", city="", fields={})


def write_down(action: str, profile_id: int, details: dict[str, str]) -> None:
    """One audit entry."""
    now = clock.now()
    audit.record(actor=actor(), action=action, subject_kind="profile", subject_id=profile_id, details=details, now=now)
