"""What is to be done: mine or everybody's, and what was done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.kernel import clock
from crm360.profiles import queries as profiles
from crm360.sales import operations, queries
from crm360.sales.queries import Due
from crm360.web import replies, work
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.sign_in import safe_address
from crm360.web.visitors import present


@door.get("/tasks")
@requires("customers.read")
def tasks() -> str:
    return render_template("sales/tasks.html", **listed())


@door.post("/tasks")
@requires("sales.work")
def add_task() -> Response:
    due_at, whole_day = work.due_asked()
    operations.add_task(
        title=request.form.get("title", ""), owner_id=work.owner_asked(), by=present().staff.name, now=clock.now(),
        due_at=due_at, whole_day=whole_day,
    )  # fmt: skip
    return back()


@door.get("/tasks/<int:task_id>")
@requires("customers.read")
def task(task_id: int) -> str:
    found = queries.get_task(task_id)
    return render_template("sales/task.html", task=found, colleagues=work.colleagues(), **replies.sent_from(found))


@door.post("/tasks/<int:task_id>")
@requires("sales.work")
def change_task(task_id: int) -> Response:
    due_at, whole_day = work.due_asked()
    operations.change_task(
        task_id=task_id, title=request.form.get("title", ""), due_at=due_at, whole_day=whole_day,
        owner_id=work.owner_asked(),
    )  # fmt: skip
    return redirect(url_for("web.tasks"), 303)


@door.post("/tasks/<int:task_id>/completion")
@requires("sales.work")
def finish_task(task_id: int) -> Response:
    operations.finish_task(task_id=task_id, by=present().staff.name, now=clock.now())
    flash(gettext("Done."), f"reopen:{task_id}")
    return back()


@door.post("/tasks/<int:task_id>/reopening")
@requires("sales.work")
def reopen_task(task_id: int) -> Response:
    operations.reopen_task(task_id=task_id, now=clock.now())
    return back()


@door.post("/mentions/<int:mention_id>/seen")
@requires("customers.read")
def see_mention(mention_id: int) -> Response:
    operations.see_mention(mention_id=mention_id, staff_id=present().staff.id, now=clock.now())
    return redirect(url_for("web.desk"), 303)


def listed() -> dict[str, Any]:
    """The tasks the address asks for, in groups by urgency, with the names of the customers."""
    everybody, done = request.args.get("whose") == "all", request.args.get("show") == "done"
    owner_id = None if everybody else present().staff.id
    found = queries.done_tasks(owner_id=owner_id) if done else queries.open_tasks(owner_id=owner_id)
    groups = [("done", found)] if done else by_urgency(found, now=clock.now())
    return {
        "groups": [group for group in groups if group[1]],
        "names": names(found),
        "everybody": everybody,
        "done": done,
        "colleagues": work.colleagues(),
    }


def by_urgency(found: Iterable[Due], *, now: datetime) -> list[tuple[str, list[Due]]]:
    """Late, until the end of today, later, without a day; each in its order."""
    tonight = work.until(now.astimezone(work.zone()).date(), None)
    groups: dict[str, list[Due]] = {"overdue": [], "today": [], "later": [], "undated": []}
    for each in found:
        due = each.task.due_at
        groups["undated" if due is None else "overdue" if due < now else "today" if due <= tonight else "later"].append(
            each
        )
    return list(groups.items())


def names(found: Iterable[Due]) -> dict[int, str]:
    """profile → what its customer is called."""
    records = profiles.golden({each.profile_id for each in found if each.profile_id is not None})
    return {number: record.display_name for number, record in records.items()}


def back() -> Response:
    """Where the visitor was: a page of ours, else the tasks."""
    return redirect(safe_address(request.form.get("back") or url_for("web.tasks")), 303)
