"""Requests about personal data that wait to be met."""

from __future__ import annotations

from datetime import date

from flask import render_template, request

from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.privacy import queries
from crm360.privacy.queries import Place
from crm360.web.blueprint import door
from crm360.web.policy import requires

PER_PAGE = 50


@door.get("/privacy/cases")
@requires("privacy.manage")
def privacy_cases() -> str:
    cases = queries.open_cases(after=_after(), limit=PER_PAGE)
    profiles = identity.profile_ids(case.contact_id for case in cases if case.contact_id is not None)
    more = cases[-1] if len(cases) == PER_PAGE else None
    return render_template("privacy/cases.html", cases=cases, profiles=profiles, more=more, today=clock.now().date())


def _after() -> Place | None:
    due, last = request.args.get("due", type=date.fromisoformat), request.args.get("after", type=int)
    return Place(due, last) if due is not None and last is not None else None
