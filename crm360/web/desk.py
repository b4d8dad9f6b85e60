"""The first screen: search, the customers I opened last, what waits for a decision."""

from __future__ import annotations

from flask import render_template

from crm360.accounts import audit
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.profiles import recent
from crm360.web import found
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import present

REVIEWS_SHOWN = 100


@door.get("/")
@requires("customers.read")
def desk() -> str:
    visitor = present()
    opened = found.by_ids(audit.recently_opened(visitor.staff.id, limit=8), now=clock.now())
    reviews = identity.open_reviews(limit=REVIEWS_SHOWN) if visitor.may("merges.decide") else []
    news = recent.happenings(limit=8)
    return render_template("desk/page.html", opened=opened, reviews=reviews, news=news, most_reviews=REVIEWS_SHOWN)
