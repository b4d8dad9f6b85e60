"""The administrator's inbox: what waits, what could not be read and why, and trying again."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.inbox import operations, queries
from crm360.kernel import clock
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.sign_in import safe_address
from crm360.web.visitors import actor

PER_PAGE = 50


@door.get("/admin/inbox")
@requires("inbox.manage")
def inbox() -> str:
    payloads = queries.quarantined(before=request.args.get("before", type=int), limit=PER_PAGE)
    names = queries.source_names({payload.source_id for payload in payloads})
    older = payloads[-1].id if len(payloads) == PER_PAGE else None
    return render_template("admin/inbox.html", counts=queries.counts(), payloads=payloads, names=names, older=older)


@door.post("/admin/inbox/replays")
@requires("inbox.manage")
def replay() -> Response:
    ids, source, now = request.form.getlist("id", type=int), request.form.get("source", ""), clock.now()
    count = operations.replay(ids=ids, source=source, now=now)
    audit.record(actor=actor(), action="inbox.replayed", details={"ids": ids, "count": count}, now=now)
    flash(ngettext("%(num)d payload will be tried again.", "%(num)d payloads will be tried again.", count))
    return redirect(safe_address(request.form.get("back")) if request.form.get("back") else url_for("web.inbox"), 303)
