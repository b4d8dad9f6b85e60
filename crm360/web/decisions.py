"""The merge history of everybody: what was decided of who is who, by whom, and taking it back."""

from __future__ import annotations

from flask import render_template, request

from crm360.identity import listing
from crm360.profiles import queries as profiles
from crm360.web.blueprint import door
from crm360.web.policy import requires

PER_PAGE = 40
KINDS = ("merge", "split", "different", "bulk")


@door.get("/duplicates/history")
@requires("merges.decide")
def decisions() -> str:
    kind = request.args.get("kind", "") if request.args.get("kind") in KINDS else ""
    found = listing.decisions(kind=kind, after=request.args.get("after", ""), limit=PER_PAGE)
    records = profiles.golden({each for step in found.items for each in step.profile_ids})
    return render_template(
        "duplicates/history.html",
        steps=found.items,
        next_cursor=found.next_cursor,
        records=records,
        kind=kind,
        kinds=KINDS,
    )
