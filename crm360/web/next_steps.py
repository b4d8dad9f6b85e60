"""The step suggested for a customer, taken on as a task or set aside; an answer can be taken back."""

from __future__ import annotations

from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.flows.next_step import Step
from crm360.kernel import clock
from crm360.kernel.errors import Conflict
from crm360.sales import operations, suggesting
from crm360.web import at_hand
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires
from crm360.web.visitors import actor, present


class AnotherStep(Conflict):
    """What was answered is not suggested any more."""


@door.post("/customers/<int:profile_id>/next-step")
@requires("sales.work")
def answer_step(profile_id: int) -> str | Response:
    now, taken = clock.now(), request.form.get("answer") == suggesting.TAKEN
    step = offered(profile_id, request.form.get("subject", ""), now)
    suggesting.answer(
        profile_id=profile_id, rule=step.rule, subject=step.subject, about=step.about, by=present().staff.name, now=now,
        answer=suggesting.TAKEN if taken else suggesting.DISMISSED, why=request.form.get("why", ""),
    )  # fmt: skip
    if taken:
        words, me = at_hand.title(step)[: operations.LONGEST_TITLE], present().staff
        operations.add_task(title=words, owner_id=me.id, by=me.name, now=now, profile_id=profile_id)
    said = gettext("The task is set.") if taken else gettext("It is not suggested again.")
    return shown(profile_id, "suggestion.taken" if taken else "suggestion.dismissed", said, now)


@door.post("/customers/<int:profile_id>/next-step/<int:number>/withdrawal")
@requires("sales.work")
def take_step_back(profile_id: int, number: int) -> str | Response:
    now = clock.now()
    suggesting.take_back(profile_id=profile_id, number=number, by=present().staff.name, now=now)
    return shown(profile_id, "suggestion.withdrawn", gettext("It may be suggested again."), now)


def offered(profile_id: int, subject: str, now: datetime) -> Step:
    """The step a form answers, while it is suggested. Raises AnotherStep."""
    step: Step | None = at_hand.suggested_to(profile_id, now=now)["step"]
    if step is None or step.subject != subject:
        raise AnotherStep(gettext("Something else is suggested by now: open the customer again."))
    return step


def shown(profile_id: int, action: str, said: str, now: datetime) -> str | Response:
    """On the audit trail; the part of the page that changed, or the page again."""
    audit.record(actor=actor(), action=action, subject_kind="profile", subject_id=profile_id, now=now)
    if is_fragment():
        return render_template("customers/next_step.html", said=said, **at_hand.suggested_to(profile_id, now=now))
    return redirect(url_for("web.customer", profile_id=profile_id, _anchor="next-step"), 303)
