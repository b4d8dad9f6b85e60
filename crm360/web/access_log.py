"""Who read whose data: the audit trail as the officer asks it."""

from __future__ import annotations

from flask import render_template, request
from werkzeug.wrappers import Response

from crm360.accounts import audit, seeking
from crm360.accounts import queries as accounts
from crm360.accounts.models import AuditEntry
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.kernel.errors import DomainError
from crm360.kernel.iso8601 import zulu
from crm360.web import moments, named, tables
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor

PER_PAGE, MOST_EXPORTED = 50, 100_000
HEADER = ("at", "actor_kind", "actor", "action", "subject_kind", "subject_id", "details", "request_id")


@door.get("/privacy/access")
@requires("privacy.manage")
def access_log() -> str | Response | tuple[str, int]:
    if request.args.get("form") == "csv":
        return access_file()
    try:
        return listing(asked())
    except named.Unclear as error:
        return listing(None, error=error), error.status


def listing(wanted: seeking.Asked | None, *, error: DomainError | None = None) -> str:
    """The entries asked for a page at a time, beneath the form that asks."""
    rows = seeking.entries(wanted, before=request.args.get("before", type=int), limit=PER_PAGE) if wanted else []
    older = rows[-1].id if len(rows) == PER_PAGE else None
    kept = {name: value for name, value in request.args.items() if value and name not in ("before", "form")}
    typed = kept.get("profile", "")
    return render_template(
        "privacy/access.html", rows=rows, older=older, kept=kept, staff=accounts.all_staff(), actions=seeking.actions(), error=error,
        shown=named.shown(named.number(typed)) or typed,
    )  # fmt: skip


def access_file() -> Response:
    """The same as a file; taking it away is on record too."""
    rows = seeking.entries(asked(), limit=MOST_EXPORTED)
    audit.record(actor=actor(), action="access.exported", details={"rows": len(rows)}, now=clock.now())
    return tables.as_csv(HEADER, (line(row) for row in rows), name="access-log")


def asked() -> seeking.Asked:
    """What the form asks for. A customer is asked for under every number they ever had, the erased too. Raises Unclear."""
    given = request.args
    typed, staff_id = given.get("profile", "").strip(), given.get("staff", type=int)
    profile_id = (named.number(typed) or named.chosen(typed, field="profile")) if typed else None
    return seeking.Asked(
        actor_kind="staff" if staff_id is not None else "",
        actor_id=staff_id,
        profile_ids=identity.numbers_of(profile_id) if profile_id is not None else None,
        action=given.get("action", ""),
        since=moments.typed(given.get("since")),
        until=moments.typed(given.get("until")),
        reads=given.get("all") != "yes",
    )


def line(entry: AuditEntry) -> tuple[object, ...]:
    """An entry as a row of the file."""
    return (
        zulu(entry.at), entry.actor_kind, entry.actor_name, entry.action, entry.subject_kind, entry.subject_id,
        entry.details or "", entry.request_id,
    )  # fmt: skip
