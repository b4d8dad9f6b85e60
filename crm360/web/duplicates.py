"""The review desk: pairs of customers that may be one, the most urgent first, answered in place."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, session

from crm360.commerce import queries as commerce
from crm360.consents import queries as consents
from crm360.identity import expected, holding, record_sources
from crm360.identity import queries as identity
from crm360.identity.thresholds import probability, thresholds
from crm360.kernel import clock
from crm360.kernel.batches import chunked
from crm360.profiles import queries as profiles
from crm360.web import effects, queue
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
    given = {name: request.args.get(name, "") for name in ("reason", "sources", "held_by")}
    consent = "consent" in request.args
    if consent:
        waiting = queue.with_consents(waiting, changing(waiting))
    found = queue.chosen(waiting, **given, consent=consent)
    page = max(1, request.args.get("page", 1, type=int))
    rows = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    rows = rows if consent else queue.with_consents(rows, changing(rows))
    records = profiles.golden({each for row in rows for each in row.ids})
    return {
        "rows": [row for row in rows if all(each in records for each in row.ids)],
        "records": records,
        "count": len(found),
        "more": more,
        **choices(waiting, given, consent=consent),
        **given,
        "consent": consent,
        "thresholds": thresholds(),
        "joined": expected.joined(),
        "unsure": expected.of_weights(each.weight for each in asked if each.weight < thresholds().join),
        "probability": probability,
        "page": page,
        "pages": -(-len(found) // PER_PAGE),
        "start": start,
        "window": WINDOW,
        "put_off": len(asked) - len(waiting),
        "here": request.full_path.rstrip("?"),
    }


def choices(waiting: list[queue.Question], given: dict[str, str], *, consent: bool) -> dict[str, Any]:
    """What each filter offers, with how many pairs it would leave beside the other filters."""

    def beside(name: str) -> list[queue.Question]:
        return queue.chosen(waiting, **{**given, name: ""}, consent=consent)

    return {
        "reasons": queue.reasons(beside("reason")),
        "source_pairs": queue.source_pairs(beside("sources")),
        "held_choices": queue.held_choices(beside("held_by")),
    }


def changing(asked: list[queue.Question]) -> dict[tuple[int, int], bool]:
    """ids of a pair → whether a merge would change what a consent says."""
    now, cells = clock.now(), {}
    for chunk in chunked(sorted({each for question in asked for each in question.ids}), 300):
        cells.update(consents.matrix_of_many(chunk, now=now))
    return {q.ids: bool(effects.held(cells[q.ids[0]], cells[q.ids[1]])) for q in asked}


def window(start: int) -> tuple[list[queue.Question], bool]:
    """The pairs from `start` on, weighed: some statements however many; and whether there are more."""
    pairs = identity.open_reviews(limit=WINDOW + 1, offset=start)
    values = commerce.value_of_many(sorted({each for pair in pairs for each in ends(pair)}))
    contacts = [each for pair in pairs for each in (pair.left_contact_id, pair.right_contact_id)]
    spent = {profile_id: value.spend for profile_id, value in values.items()}
    asked = queue.questions(pairs[:WINDOW], spent, record_sources.sources_of(contacts))
    sure = [question.ids for question in asked if question.weight >= thresholds().join]
    return queue.with_held(asked, holding.held(sure)), len(pairs) > WINDOW


def ends(pair: queue.Asked) -> tuple[int, int]:
    """The two customers of a pair."""
    return pair.left_profile_id, pair.right_profile_id


def put_off(key: str) -> None:
    """Ask about a pair again in the next session, not in this one."""
    session[PUT_OFF] = [*(each for each in session.get(PUT_OFF, []) if each != key), key][-MOST_PUT_OFF:]
