"""Possible duplicates: pairs of customers a person should look at, the most alike first."""

from __future__ import annotations

from flask import render_template

from crm360.identity import queries as identity
from crm360.profiles import queries as profiles
from crm360.web.blueprint import door
from crm360.web.policy import requires

MOST_SHOWN = 100


@door.get("/duplicates")
@requires("merges.decide")
def duplicates() -> str:
    reviews = identity.open_reviews(limit=MOST_SHOWN)
    records = profiles.golden({each for pair in reviews for each in (pair.left_profile_id, pair.right_profile_id)})
    shown = [pair for pair in reviews if pair.left_profile_id in records and pair.right_profile_id in records]
    return render_template("customers/duplicates.html", reviews=shown, records=records, most=MOST_SHOWN)
