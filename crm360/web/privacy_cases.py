"""Requests about personal data that wait to be met."""

from __future__ import annotations

from datetime import date

from flask import render_template, request

from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.privacy import queries
from crm360.privacy.queries import Place
from crm360.profiles.queries import golden
from crm360.web import case_words
from crm360.web.blueprint import door
from crm360.web.case_view import clock_of
from crm360.web.policy import requires

PER_PAGE = 50


@door.get("/privacy/cases")
@requires("privacy.manage")
def privacy_cases() -> str:
    ended = request.args.get("show") == "ended"
    cases = queries.ended_cases(limit=PER_PAGE) if ended else queries.open_cases(after=_after(), limit=PER_PAGE)
    profiles = identity.profile_ids(case.contact_id for case in cases if case.contact_id is not None)
    more = cases[-1] if len(cases) == PER_PAGE and not ended else None
    today = clock.now().date()
    clocks = {case.id: clock_of(case, today) for case in cases}
    return render_template(
        "privacy/cases.html", cases=cases, profiles=profiles, names=golden(sorted(set(profiles.values()))), more=more,
        clocks=clocks, ended=ended, words=case_words,
    )  # fmt: skip


def _after() -> Place | None:
    due, last = request.args.get("due", type=date.fromisoformat), request.args.get("after", type=int)
    return Place(due, last) if due is not None and last is not None else None
