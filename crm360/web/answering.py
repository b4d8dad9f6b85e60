"""Answers given at the review desk: one person, two people, later."""

from __future__ import annotations

from typing import NamedTuple

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.flows import review
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.kernel.errors import Invalid
from crm360.web import duplicates
from crm360.web.blueprint import door
from crm360.web.merging import write_down
from crm360.web.policy import is_fragment, requires
from crm360.web.sign_in import safe_address
from crm360.web.visitors import present


class NoAnswer(Invalid):
    """The form names no pair, or no answer there is."""


class Said(NamedTuple):
    """What is told back; `decision_id` None when there is nothing to undo."""

    words: str
    decision_id: int | None = None


@door.post("/duplicates/answers")
@requires("merges.decide")
def answer() -> Response | str:
    left, right = pair()
    said = answered(request.form.get("answer", ""), left, right)
    back = safe_address(request.form.get("back")) if request.form.get("back") else url_for("web.duplicates")
    if not is_fragment():
        flash(said.words, f"undo:{said.decision_id}" if said.decision_id else "message")
        return redirect(back, 303)
    address = f"{back}#pair-{left}-{right}"
    shown = make_response(render_template("duplicates/answered.html", said=said, back=address))
    shown.headers["HX-Trigger"] = "answered"
    return shown


def answered(kind: str, left: int, right: int) -> Said:
    """Do what the answer says. Raises NoAnswer, ProfileNotFound."""
    if kind == "later":
        duplicates.put_off(f"{left}-{right}")
        return Said(gettext("Put off until you sign in again."))
    if kind not in ("same", "different"):
        raise NoAnswer(gettext("Choose an answer."))
    if identity.current(left) == identity.current(right):
        return Said(gettext("These already are one customer."))
    decide, action = (
        (review.merge, "customers.merged") if kind == "same" else (review.distinguish, "customers.distinguished")
    )
    outcome = decide(profile_ids=[left, right], by=present().staff.name, now=clock.now())
    write_down(action, outcome, [left, right])
    words = gettext("Merged into one customer.") if kind == "same" else gettext("Remembered: these are two people.")
    return Said(words, outcome.decision_id)


def pair() -> tuple[int, int]:
    """The two customers of the form."""
    left, right = request.form.get("left", type=int), request.form.get("right", type=int)
    if not left or not right:
        raise NoAnswer(gettext("Choose the other customer."))
    return left, right
