"""The officer's first screen, and the lists behind its figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from flask import Response as Answer
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from crm360.accounts import audit, seeking
from crm360.consents import contradicting, definitions, ledger, outlook
from crm360.evidence import packing, sends
from crm360.identity import queries as identity
from crm360.imports import queries as imports
from crm360.kernel import clock
from crm360.kernel.iso8601 import zulu
from crm360.privacy import figures as cases
from crm360.profiles import queries as profiles
from crm360.safeguards import breaches, holds
from crm360.web import privacy_words, tables
from crm360.web.blueprint import door
from crm360.web.consent_audit import signer
from crm360.web.policy import requires
from crm360.web.visitors import actor

AHEAD = (30, 60, 90)
LOOKED_BACK = timedelta(days=90)
MOST_SHOWN = 500


@door.get("/privacy")
@requires("privacy.manage")
def privacy_desk() -> str:
    now = clock.now()
    return render_template("privacy/desk.html", **figures(now), **ledger_parts())


def figures(now: datetime) -> dict[str, Any]:
    """The first question answered: what is due, what runs out, what went out that should not have."""
    purposes, waiting, held = definitions.catalogue(now=now), cases.waiting(on=now.date()), holds.waiting(on=now.date())
    ends = [each.ends_at for each in outlook.expiring(purposes=purposes, now=now, days=max(AHEAD))]
    baseless = len(sends.without_basis(purposes=purposes, since=now - LOOKED_BACK))
    clocks = breaches.clocks_running()
    rows, earlier = contradicting.waiting(now=now)
    contradictions = len(rows)
    urgent = waiting.late + waiting.soon + baseless + held.to_approve + held.to_review + len(clocks) + contradictions
    return {
        "cases": waiting, "holds": held, "breaches": clocks, "due_at": breaches.due_at, "baseless": baseless, "contradictions": contradictions, "not_all_joined": earlier is not None,
        "letters": sends.count_left(since=now - LOOKED_BACK), "withdrawn": outlook.withdrawn_since(now - timedelta(days=7)),
        "expiring": [(days, sum(end <= now + timedelta(days=days) for end in ends)) for days in AHEAD],
        "limited": any(purpose.validity_months for purpose in purposes.known.values()),
        "today_words": ngettext("%(num)d thing waits for you.", "%(num)d things wait for you.", urgent) if urgent else gettext("Nothing waits. The figures below are as of now."),
    }  # fmt: skip


def ledger_parts() -> dict[str, Any]:
    """Where the proof of the ledger stands."""
    mark = ledger.last_checkpoint()
    verified = seeking.entries(seeking.Asked(action="ledger.verified"), limit=1)
    return {
        "mark": mark, "unsigned": ledger.size() - (mark.size if mark else 0), "verified": verified[0] if verified else None,
        "verifier": signer().verifier, "verifier_sha256": sha256(packing.verifier()).hexdigest(),
    }  # fmt: skip


@door.post("/privacy/ledger/verification")
@requires("privacy.manage")
def verify_ledger() -> Response:
    found, now = ledger.faults(verifier=signer().verifier), clock.now()
    details = {"faults": len(found), "leaves": ledger.size(), "first": found[0].what if found else ""}
    audit.record(actor=actor(), action="ledger.verified", subject_kind="ledger", details=details, now=now)
    flash(gettext("Every statement and every signature was checked."))
    return redirect(url_for("web.privacy_desk"), 303)


@door.post("/privacy/ledger/export")
@requires("privacy.manage")
def export_ledger() -> Answer:
    now = clock.now()
    packing.signed_now(signer=signer(), now=now)
    audit.record(actor=actor(), action="ledger.exported", subject_kind="ledger", now=now)
    return tables.as_zip(packing.whole_ledger(signer=signer()), name=f"ledger-{now:%Y-%m-%d}")


@door.get("/privacy/verify.py")
@requires("privacy.manage")
def offline_verifier() -> Answer:
    return Answer(packing.verifier(), content_type="text/x-python", headers={"Content-Disposition": "attachment; filename=verify.py"})  # fmt: skip


@door.get("/privacy/expiring")
@requires("privacy.manage")
def expiring_consents() -> str | Answer:
    now, days = clock.now(), min(max(request.args.get("days", 30, type=int), 1), 366)
    rows = outlook.expiring(purposes=definitions.catalogue(now=now), now=now, days=days)
    if request.args.get("form") == "csv":
        return expiring_file(rows)
    names = profiles.golden([row.profile_id for row in rows[:MOST_SHOWN] if row.profile_id is not None])
    return render_template(
        "privacy/expiring.html", rows=rows[:MOST_SHOWN], count=len(rows), days=days, names=names, ahead=AHEAD
    )


def expiring_file(rows: list[outlook.Expiring]) -> Answer:
    """The list for whoever asks again."""
    header = ("ends_at", "profile_id", "address", "purpose", "channel", "given_at", "evidence_grade")
    lines = (
        (zulu(row.ends_at), row.profile_id, row.statement.identifier_value, row.statement.purpose,
         row.statement.channel, zulu(row.statement.occurred_at), row.statement.evidence_grade)
        for row in rows
    )  # fmt: skip
    return tables.as_csv(header, lines, name="consents-running-out")


@door.get("/privacy/sends")
@requires("privacy.manage")
def sends_without_basis() -> str:
    now = clock.now()
    rows = sends.without_basis(purposes=definitions.catalogue(now=now), since=now - LOOKED_BACK)
    where = identity.profile_ids(row.letter.contact_id for row in rows[:MOST_SHOWN] if row.letter.contact_id)
    shown = {"rows": rows[:MOST_SHOWN], "count": len(rows), "where": where, "words": privacy_words}
    return render_template("privacy/sends.html", **shown, letters=sends.count_left(since=now - LOOKED_BACK))


@door.get("/privacy/consents/overview")
@requires("privacy.manage")
def consents_overview() -> str:
    batches = outlook.imported()
    runs = {(run.source, run.stated_at): run for run in imports.latest(limit=200) if run.stated_at}
    counts = outlook.last_said()
    states = sorted({state for each in counts.values() for state in each})
    return render_template("privacy/overview.html", counts=counts, states=states, batches=batches, runs=runs)
