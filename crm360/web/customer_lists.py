"""The list of customers: narrowed, ordered and with chosen columns by its address; saved under names; the last one used."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.kernel import clock
from crm360.lists import asking, operations, queries
from crm360.lists.models import Saved
from crm360.web import action_view, list_view
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import present


def page() -> str | Response:
    """The list the address asks for; without a word of it, the one used last."""
    if not request.args and (last := list_view.last_used()):
        return redirect(url_for("web.customers", **last), 303)  # type: ignore[arg-type]
    number = request.args.get("list", type=int)
    saved = queries.get(number, staff_id=present().staff.id) if number else None
    deeds = action_view.offered()
    return render_template(
        "lists/list.html", deeds=deeds, **list_view.shown(asking.read(request.args.items(multi=True)), saved)
    )


@door.post("/customers/lists")
@requires("customers.read")
def save_list() -> Response:
    saved = operations.save(
        name=request.form.get("name", ""), asked=asking.read(request.form.items(multi=True)), shared=bool(request.form.get("shared")),
        staff_id=present().staff.id, now=clock.now(),
    )  # fmt: skip
    return at(saved, gettext("Saved as “%(name)s”.", name=saved.name))


@door.post("/customers/lists/<int:list_id>")
@requires("customers.read")
def change_list(list_id: int) -> Response:
    anew = asking.read(request.form.items(multi=True)) if request.form.get("anew") else None
    saved = operations.change(
        list_id=list_id, name=request.form.get("name", ""), shared=bool(request.form.get("shared")), asked=anew,
        staff_id=present().staff.id, any_owner=present().may("staff.manage"), now=clock.now(),
    )  # fmt: skip
    return at(saved, gettext("Saved as “%(name)s”.", name=saved.name))


@door.post("/customers/lists/<int:list_id>/removal")
@requires("customers.read")
def remove_list(list_id: int) -> Response:
    operations.remove(list_id=list_id, staff_id=present().staff.id, any_owner=present().may("staff.manage"))
    flash(gettext("The list is gone; the customers are as they were."))
    return redirect(url_for("web.customers", sort="name"), 303)


def at(saved: Saved, words: str) -> Response:
    """The list, and what was done to it."""
    flash(words)
    return redirect(url_for("web.customers", list=saved.id, **saved.asked), 303)
