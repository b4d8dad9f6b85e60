"""The administrator's sources: what arrives from where, adding one, its secret, pausing and removing it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.accounts import operations as accounts
from crm360.flows import connecting
from crm360.inbox import operations as inbox
from crm360.inbox import polls, queries, refusals, traffic
from crm360.inbox.models import Source
from crm360.kernel import clock, sealing, signing
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError, Invalid, NotFound
from crm360.sources import registry
from crm360.sources.channel import Channel
from crm360.web import source_view
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor, present

#: After a rotation deliveries proved by the secret from before are taken this long.
OVERLAP = timedelta(hours=24)
SOURCE = "/admin/sources/<int:source_id>"


class NoSuchSource(NotFound):
    """No source has this id, or it is one of ours that staff cannot change."""


class NoSecret(Invalid):
    """The vendor's secret is needed and was left empty."""


@door.get("/admin/sources")
@requires("inbox.manage")
def sources() -> str:
    found, now = queries.all_sources(), clock.now()
    traffics = traffic.traffic([source.id for source in found], now=now)
    rows = [source_view.row(source, traffics[source.id]) for source in found]
    return render_template("sources/list.html", rows=rows, counts=queries.counts())


@door.get("/admin/sources/new")
@requires("inbox.manage")
def new_source() -> str:
    return render_template("sources/channels.html", groups=source_view.by_group(registry.channels()))


@door.get("/admin/sources/new/<channel>")
@requires("inbox.manage")
def source_form(channel: str) -> str:
    return form(channel)


@door.post("/admin/sources/new/<channel>")
@requires("inbox.manage")
def create_source(channel: str) -> str | tuple[str, int]:
    about = about_of(channel)
    try:
        source = connected(channel, about)
        key = write_key(source) if about.write_key else ""
    except DomainError as error:
        db.session.rollback()
        return form(channel, error=error), error.status
    record("source.created", source)
    return overview(source, secret=source.secret if about.hook and about.hook.issuer == "us" else "", key=key)


@door.get(SOURCE)
@requires("inbox.manage")
def source(source_id: int) -> str:
    return overview(found_source(source_id))


@door.post(f"{SOURCE}/secrets")
@requires("inbox.manage")
def rotate_source(source_id: int) -> str | tuple[str, int]:
    found = found_source(source_id)
    about, given = about_of(found.channel), request.form.get("secret", "").strip()
    if about.write_key:
        key = write_key(found)
        record("source.rotated", found)
        return overview(found, key=key)
    if about.hook and about.hook.issuer == "vendor" and not given:
        return overview(found, error=NoSecret("Paste the secret the vendor shows.")), 422
    inbox.rotate_secret(name=found.name, secret=given or signing.new_secret(), overlap=OVERLAP, now=clock.now())
    record("source.rotated", found)
    return overview(found, secret="" if given else found.secret)


@door.post(f"{SOURCE}/settings")
@requires("inbox.manage")
def change_source(source_id: int) -> str | tuple[str, int] | Response:
    found = found_source(source_id)
    try:
        connecting.change(name=found.name, told=told(about_of(found.channel)), seal=seal, now=clock.now())
    except DomainError as error:
        db.session.rollback()
        return overview(found_source(source_id), error=error), error.status
    record("source.changed", found)
    flash(gettext("The settings are kept."))
    return back_to(source_id)


@door.post(f"{SOURCE}/pause")
@requires("inbox.manage")
def pause_source(source_id: int) -> Response:
    found = found_source(source_id)
    inbox.pause_source(name=found.name, by=present().staff.name, now=clock.now())
    record("source.paused", found)
    flash(gettext("Paused. Deliveries are put off, and the sender may try again."))
    return back_to(source_id)


@door.post(f"{SOURCE}/resumption")
@requires("inbox.manage")
def resume_source(source_id: int) -> Response:
    found = found_source(source_id)
    inbox.resume_source(name=found.name, now=clock.now())
    record("source.resumed", found)
    flash(gettext("The source is taken from again."))
    return back_to(source_id)


@door.post(f"{SOURCE}/poll")
@requires("inbox.manage")
def poll_source(source_id: int) -> Response:
    polls.due_now(source_id=found_source(source_id).id, now=clock.now())
    flash(gettext("It is asked within seconds."))
    return back_to(source_id)


@door.post(f"{SOURCE}/removal")
@requires("inbox.manage")
def remove_source(source_id: int) -> Response:
    found = found_source(source_id)
    inbox.remove_source(name=found.name)
    record("source.removed", found)
    flash(gettext("The source is gone."))
    return redirect(url_for("web.sources"), 303)


def overview(
    found: Source, *, error: DomainError | None = None, tried: Any = None, proof: str = "", **shown_once: str
) -> str:
    """One source; secrets are shown only right after they were made."""
    now = clock.now()
    page = source_view.page(
        found, traffic.traffic([found.id], now=now)[found.id], current_app.config["SETTINGS"].public_url, **shown_once
    )
    quarantined = queries.quarantined(source=found.name, limit=20)
    arrivals = source_view.arrivals(traffic.tail(source_id=found.id, limit=10), {found.id: found.name})
    return render_template(
        "sources/source.html", **page, quarantined=quarantined, arrivals=arrivals, error=error, tried=tried, proof=proof, refused=refusals.latest_of(found.id),
        removable=not traffic.anything_of(found.id), given=request.form if error else {},
    )  # fmt: skip


def form(channel: str, *, error: DomainError | None = None) -> str:
    """What a new source of this channel must be told; keeps what was typed, but no secret."""
    given = request.form if error else {}
    return render_template("sources/form.html", channel=channel, about=about_of(channel), error=error, given=given)


def connected(channel: str, about: Channel) -> Source:
    settings = current_app.config["SETTINGS"]
    given = request.form
    return connecting.connect(
        channel=channel, name=given.get("name", "").strip(), told=told(about),
        secret=given.get("secret", "").strip() if about.hook and about.hook.issuer == "vendor" else "",
        defaults={"currency": settings.currency, "region": settings.phone_region}, seal=seal, now=clock.now(),
    )  # fmt: skip


def write_key(found: Source) -> str:
    """A key for sites and apps to send with; earlier ones work until they are revoked."""
    return accounts.create_key(kind="write", name=found.name, now=clock.now())[1]


def told(about: Channel) -> dict[str, str]:
    """Settings as the form says them; the names of the form are the channel's own, after a prefix."""
    return {each.name: request.form.get(f"set-{each.name}", "") for each in about.settings}


def seal(secret: str) -> str:
    return sealing.seal(secret, key=current_app.config["SETTINGS"].secret_key)


def found_source(source_id: int) -> Source:
    """Raises NoSuchSource."""
    found = traffic.get_source(source_id)
    if found is None:
        raise NoSuchSource(gettext("There is no such source."))
    return found


def about_of(channel: str) -> Channel:
    """What the channel declares; of channels without a page of their own next to nothing."""
    return registry.channels().get(channel) or source_view.silent(channel)


def back_to(source_id: int) -> Response:
    return redirect(url_for("web.source", source_id=source_id), 303)


def record(action: str, found: Source) -> None:
    details = {"name": found.name, "channel": found.channel}
    audit.record(
        actor=actor(), action=action, subject_kind="source", subject_id=found.id, details=details, now=clock.now()
    )
