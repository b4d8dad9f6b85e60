"""The first screen: search, what I have to do, the customers I opened last, what waits for a decision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask import render_template

from crm360.accounts import audit
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.profiles import queries as profiles
from crm360.profiles import recent
from crm360.sales import queries as sales
from crm360.web import found, work
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import present

REVIEWS_SHOWN = 100
TASKS_SHOWN = 12


@door.get("/")
@requires("customers.read")
def desk() -> str:
    visitor = present()
    opened = found.by_ids(audit.recently_opened(visitor.staff.id, limit=8), now=clock.now())
    reviews = identity.open_reviews(limit=REVIEWS_SHOWN) if visitor.may("merges.decide") else []
    return render_template(
        "desk/page.html", opened=opened, reviews=reviews, news=recent.happenings(limit=8), most_reviews=REVIEWS_SHOWN,
        **mine(visitor.staff.id),
    )  # fmt: skip


def mine(staff_id: int) -> dict[str, Any]:
    """What this person has to do today, late things first, and the notes they were named in."""
    asked = sales.unseen_mentions(staff_id)
    return {"asked": asked, **due_today(staff_id, limit=TASKS_SHOWN, others=[each.profile_id for each in asked])}


def due_today(staff_id: int, *, limit: int, others: Iterable[int | None] = ()) -> dict[str, Any]:
    """Tasks of a colleague until tonight, and the names of their customers and of `others`."""
    tonight = work.until(clock.now().astimezone(work.zone()).date(), None)
    due = sales.open_tasks(owner_id=staff_id, until=tonight + timedelta(seconds=1), limit=limit)
    ids = {number for number in (*(each.profile_id for each in due), *others) if number is not None}
    return {"due": due, "names": {number: each.display_name for number, each in profiles.golden(ids).items()}}
