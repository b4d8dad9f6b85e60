"""The review desk: pairs of customers that may be one, the most urgent first, answered in place."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, session

from crm360.commerce import queries as commerce
from crm360.identity import queries as identity
from crm360.identity import record_sources
from crm360.profiles import queries as profiles
from crm360.web import queue
from crm360.web.blueprint import door
from crm360.web.policy import requires

PER_PAGE = 20
#: So many pairs, the surest, are weighed against each other at a time; the next as many follow.
WINDOW = 500
MOST_PUT_OFF = 100
PUT_OFF = "put off"


@door.get("/duplicates")
@requires("merges.decide")
def duplicates() -> str:
    put_off = [] if "all" in request.args else session.get(PUT_OFF, [])
    return render_template("duplicates/queue.html", **shown(put_off))


def shown(put_off: list[str]) -> dict[str, Any]:
    """A page of the queue for the filters of the address, without the pairs put off."""
    start = max(0, request.args.get("start", 0, type=int))
    asked, more = window(start)
    waiting = [each for each in asked if each.key not in put_off]
    reason, sources = request.args.get("reason", ""), request.args.get("sources", "")
    found = queue.chosen(waiting, reason=reason, sources=sources)
    page = max(1, request.args.get("page", 1, type=int))
    rows = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    records = profiles.golden({each for row in rows for each in row.ids})
    return {
        "rows": [row for row in rows if all(each in records for each in row.ids)],
        "records": records,
        "count": len(found),
        "more": more,
        "reasons": queue.reasons(queue.chosen(waiting, sources=sources)),
        "source_pairs": queue.source_pairs(queue.chosen(waiting, reason=reason)),
        "reason": reason,
        "sources": sources,
        "page": page,
        "pages": -(-len(found) // PER_PAGE),
        "start": start,
        "window": WINDOW,
        "put_off": len(asked) - len(waiting),
        "here": request.full_path.rstrip("?"),
    }


def window(start: int) -> tuple[list[queue.Question], bool]:
    """The pairs from `start` on, weighed: three statements however many; and whether there are more."""
    pairs = identity.open_reviews(limit=WINDOW + 1, offset=start)
    values = commerce.value_of_many(sorted({each for pair in pairs for each in ends(pair)}))
    contacts = [each for pair in pairs for each in (pair.left_contact_id, pair.right_contact_id)]
    spent = {profile_id: value.spend for profile_id, value in values.items()}
    return queue.questions(pairs[:WINDOW], spent, record_sources.sources_of(contacts)), len(pairs) > WINDOW


def ends(pair: queue.Asked) -> tuple[int, int]:
    """The two customers of a pair."""
    return pair.left_profile_id, pair.right_profile_id


def put_off(key: str) -> None:
    """Ask about a pair again in the next session, not in this one."""
    session[PUT_OFF] = [*(each for each in session.get(PUT_OFF, []) if each != key), key][-MOST_PUT_OFF:]
