"""The audit trail as a page."""

from __future__ import annotations

from flask import render_template, request

from crm360.accounts import audit
from crm360.web.blueprint import door
from crm360.web.policy import requires

PER_PAGE = 50


@door.get("/audit")
@requires("audit.read")
def audit_trail() -> str:
    before, profile_id = request.args.get("before", type=int), request.args.get("profile", type=int)
    if profile_id is None:
        entries = audit.latest_entries(before=before, limit=PER_PAGE)
    else:
        entries = audit.entries_of("profile", profile_id, before=before, limit=PER_PAGE)
    older = entries[-1].id if len(entries) == PER_PAGE else None
    return render_template("admin/audit.html", entries=entries, older=older, profile_id=profile_id)
