"""Bulk actions: looked at before the press, done at once or by the worker, recorded, and taken back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.flows import bulk_actions
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.lists import actions
from crm360.lists.models import Action
from crm360.web import action_view, error_words, list_view
from crm360.web.action_view import Wish
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires
from crm360.web.visitors import actor, present

PER_PAGE = 50


@door.get("/customers/actions")
@requires("customers.read")
def customer_actions() -> str:
    found = actions.latest(before=request.args.get("before", type=int), limit=PER_PAGE)
    older = found[-1].id if len(found) == PER_PAGE else None
    return render_template("lists/actions.html", rows=[action_view.about(each) for each in found], older=older)


@door.get("/customers/actions/new")
@requires("customers.write")
def prepare_action() -> str | tuple[str, int]:
    wish = action_view.wished(request.args)
    try:
        return render_template("lists/act.html", **action_view.looked_at(wish))
    except DomainError as error:
        return again(wish, error)


@door.post("/customers/actions")
@requires("customers.write")
def begin_action() -> Response | tuple[str, int]:
    wish = action_view.wished(request.form)
    try:
        action = begun(wish, request.form.get("expected", 0, type=int))
    except DomainError as error:
        db.session.rollback()
        return again(wish, error)
    go_on(action)
    return told(action, action_view.back(wish.fields))


@door.get("/customers/actions/<int:action_id>")
@requires("customers.read")
def customer_action(action_id: int) -> str | Response:
    action = actions.get(action_id)
    shown = action_view.about(action)
    if is_fragment():
        still = shown["running"]
        return render_template("lists/progress.html", **shown) if still else Response(headers={"HX-Refresh": "true"})
    return render_template(
        "lists/action.html", **shown, **action_view.whom(action, request.args.get("after", 0, type=int))
    )


@door.post("/customers/actions/<int:action_id>/undoing")
@requires("customers.write")
def undo_action(action_id: int) -> Response:
    action_view.allow(actions.get(action_id).deed)
    action = actions.undo(action_id=action_id, by=present().staff.name, now=clock.now())
    write_down("bulk_action.undone", action)
    go_on(action)
    return told(action, url_for("web.customer_actions"))


def begun(wish: Wish, expected: int) -> Action:
    """The action written down, with whom it is for. Raises BadAction, NumberChanged and what a deed refuses with."""
    action = actions.begin(
        deed=wish.deed, said=bulk_actions.settled(wish.deed, wish.said or {}), meant=wish.meant, expected=expected,
        reader=list_view.reader(), by=present().staff.name, now=clock.now(),
    )  # fmt: skip
    write_down("bulk_action.begun", action)
    return action


def go_on(action: Action) -> None:
    """A small action is done within the visit; a large one by the worker."""
    if action.total <= bulk_actions.BATCH:
        while action.state in actions.RUNNING:
            bulk_actions.carry_on(action, now=clock.now())


def told(action: Action, back: str) -> Response:
    """What was done, with a way back; the page of an action that goes on."""
    if action.state in actions.RUNNING:
        return redirect(url_for("web.customer_action", action_id=action.id), 303)
    undoable = actions.can_be_undone(action, now=clock.now())
    flash(action_view.outcome(action), f"undo-action:{action.id}" if undoable else "message")
    return redirect(back, 303)


def again(wish: Wish, error: DomainError) -> tuple[str, int]:
    """The page before the press with what is wrong; asked anew, how many there are now."""
    told: dict[str, Any] = {"error": error_words.translated(error.message)}
    anew = wish if isinstance(error, actions.NumberChanged) else action_view.Wish(
        deed=wish.deed, said=None, meant=wish.meant, fields=wish.fields
    )  # fmt: skip
    return render_template("lists/act.html", **action_view.looked_at(anew), **told), error.status


def write_down(action: str, of: Action) -> None:
    """On the audit trail: what, and to how many."""
    details = {"deed": of.deed, "said": of.said, "customers": of.total}
    audit.record(
        actor=actor(), action=action, subject_kind="bulk_action", subject_id=of.id, details=details, now=clock.now()
    )
