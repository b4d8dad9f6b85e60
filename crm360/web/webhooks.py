"""The administrator's outgoing webhooks: who is told what, how it goes, and sending again."""

from __future__ import annotations

import json
from datetime import timedelta

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires
from crm360.web.visitors import actor, present
from crm360.webhooks import kinds, operations, queries

PER_PAGE = 50
ENDPOINT = "/admin/webhooks/<int:endpoint_id>"
DELIVERY = "/admin/webhooks/deliveries/<int:delivery_id>"


@door.get("/admin/webhooks")
@requires("webhooks.manage")
def webhooks() -> str:
    return listing()


@door.post("/admin/webhooks")
@requires("webhooks.manage")
def create_webhook() -> str | tuple[str, int]:
    form, now = request.form, clock.now()
    asked = form.getlist("kind") if form.get("which") == "some" else []
    try:
        endpoint, secret = operations.open_endpoint(
            url=form.get("url", ""), kinds=asked, description=form.get("description", ""), key=sealing_key(), now=now
        )
    except DomainError as error:
        db.session.rollback()
        return listing(error=error), error.status
    record("webhook.created", endpoint.id)
    return overview(endpoint.id, secret=secret)


@door.get(ENDPOINT)
@requires("webhooks.manage")
def webhook(endpoint_id: int) -> str:
    return overview(endpoint_id)


@door.post(f"{ENDPOINT}/secrets")
@requires("webhooks.manage")
def rotate_webhook(endpoint_id: int) -> str:
    secret = operations.new_secret(endpoint_id=endpoint_id, key=sealing_key(), now=clock.now())
    record("webhook.rotated", endpoint_id)
    return overview(endpoint_id, secret=secret)


@door.post(f"{ENDPOINT}/pause")
@requires("webhooks.manage")
def pause_webhook(endpoint_id: int) -> Response:
    if operations.pause(endpoint_id=endpoint_id, by=present().staff.name, now=clock.now()):
        record("webhook.paused", endpoint_id)
    flash(gettext("Paused. What happens meanwhile waits."))
    return back_to(endpoint_id)


@door.post(f"{ENDPOINT}/resumption")
@requires("webhooks.manage")
def resume_webhook(endpoint_id: int) -> Response:
    if operations.resume(endpoint_id=endpoint_id, by=present().staff.name, now=clock.now()):
        record("webhook.resumed", endpoint_id)
    flash(gettext("Deliveries go on, first what waited."))
    return back_to(endpoint_id)


@door.post(f"{ENDPOINT}/removal")
@requires("webhooks.manage")
def remove_webhook(endpoint_id: int) -> Response:
    operations.remove(endpoint_id=endpoint_id)
    record("webhook.removed", endpoint_id)
    flash(gettext("The endpoint and its log are gone."))
    return redirect(url_for("web.webhooks"), 303)


@door.post(f"{ENDPOINT}/tests")
@requires("webhooks.manage")
def test_webhook(endpoint_id: int) -> Response:
    delivery_id = operations.send_test(endpoint_id=endpoint_id, now=clock.now())
    return redirect(url_for("web.delivery", delivery_id=delivery_id), 303)


@door.post(f"{ENDPOINT}/redeliveries")
@requires("webhooks.manage")
def redeliver_failed(endpoint_id: int) -> Response:
    now, days = clock.now(), min(max(request.form.get("days", 1, type=int), 1), operations.KEPT.days)
    count = operations.redeliver_failed(endpoint_id=endpoint_id, since=now - timedelta(days=days), now=now)
    record("webhook.redelivered", endpoint_id, count=count)
    flash(ngettext("%(num)d event will be sent again.", "%(num)d events will be sent again.", count))
    return back_to(endpoint_id)


@door.get(DELIVERY)
@requires("webhooks.manage")
def delivery(delivery_id: int) -> str:
    found = queries.get_delivery(delivery_id)
    event, attempts = queries.event_of(found), queries.attempts_of(delivery_id)
    shown = {
        "delivery": found,
        "event": event,
        "attempts": attempts,
        "body": json.dumps(json.loads(event.body), indent=2),
    }
    part = "webhooks/attempts.html" if is_fragment() else "webhooks/delivery.html"
    return render_template(part, endpoint=queries.get_endpoint(found.endpoint_id), **shown)


@door.post(f"{DELIVERY}/redelivery")
@requires("webhooks.manage")
def redeliver(delivery_id: int) -> Response:
    again = operations.redeliver(delivery_id=delivery_id, now=clock.now())
    record("webhook.redelivered", again.endpoint_id, delivery=delivery_id)
    return redirect(url_for("web.delivery", delivery_id=delivery_id), 303)


def listing(*, error: DomainError | None = None) -> str:
    """Every endpoint with the form for another, which keeps what was typed when it could not be accepted."""
    return render_template(
        "webhooks/list.html",
        endpoints=queries.all_endpoints(),
        figures=queries.figures(now=clock.now()),
        pauses=queries.pauses(),
        kinds=list(kinds.KINDS),
        error=error,
        given=request.form if error else {},
    )


def overview(endpoint_id: int, *, secret: str = "") -> str:
    """One endpoint and its log; a new secret is shown this once."""
    asked = {name: request.args.get(name, "") for name in ("state", "kind")}
    before, now = request.args.get("before", type=int), clock.now()
    lines = queries.log(
        endpoint_id=endpoint_id, state=asked["state"], kind=asked["kind"], before=before, limit=PER_PAGE
    )
    return render_template(
        "webhooks/endpoint.html",
        endpoint=queries.get_endpoint(endpoint_id),
        figures=queries.figures(now=now).get(endpoint_id, queries.Figures()),
        pause=queries.pause_of(endpoint_id),
        old_secret_until=queries.old_secret_until(endpoint_id, now=now),
        lines=lines,
        older=lines[-1].delivery.id if len(lines) == PER_PAGE else None,
        asked=asked,
        kinds=[*kinds.KINDS, kinds.TEST],
        states=queries.STATES,
        secret=secret,
    )


def back_to(endpoint_id: int) -> Response:
    return redirect(url_for("web.webhook", endpoint_id=endpoint_id), 303)


def sealing_key() -> str:
    found: str = current_app.config["SETTINGS"].secret_key
    return found


def record(action: str, endpoint_id: int, **details: object) -> None:
    audit.record(
        actor=actor(), action=action, subject_kind="webhook", subject_id=endpoint_id, details=details, now=clock.now()
    )
