"""What colleagues do for a customer, on the customer's page: tasks, calls, deals, whose customer it is."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.accounts import queries as accounts
from crm360.identity import queries as identity
from crm360.kernel import clock, money
from crm360.kernel.errors import Invalid
from crm360.sales import operations, queries
from crm360.web import reads
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires
from crm360.web.visitors import actor, present

#: What a colleague hears when it was done.
DONE: dict[str, Any] = {
    "task.set": lazy_gettext("The task is set."), "owner.set": lazy_gettext("The owner is saved."),
    "call.logged": lazy_gettext("The call is logged."), "deal.opened": lazy_gettext("The deal is opened."),
}  # fmt: skip


class NotReadable(Invalid):
    """A day, an hour or an amount that is none."""


def of_customer(profile_id: int) -> dict[str, Any]:
    """What the customer's page shows of it."""
    return {
        "tasks": queries.tasks_of(profile_id),
        "owner": queries.owner_of(profile_id),
        "deals": queries.deals_of(profile_id),
        "colleagues": colleagues(),
    }


def colleagues() -> list[tuple[int, str]]:
    """(id, name) of everybody who can be given something to do."""
    return [(each.id, each.name or each.email) for each in accounts.all_staff() if each.disabled_at is None]


@door.get("/customers/<int:profile_id>/work")
@requires("customers.read")
def customer_work(profile_id: int) -> str | Response:
    if (living := identity.current(profile_id)) != profile_id:
        return redirect(url_for("web.customer_work", profile_id=living))
    reads.note_opened(profile_id)
    name = "customers/work.html" if is_fragment() else "customers/work_page.html"
    return render_template(name, profile_id=profile_id, **of_customer(profile_id))


@door.post("/customers/<int:profile_id>/tasks")
@requires("sales.work")
def add_customer_task(profile_id: int) -> str | Response:
    due_at, whole_day = due_asked()
    now, by, owner_id = clock.now(), present().staff.name, owner_asked()
    operations.add_task(
        title=request.form.get("title", ""), owner_id=owner_id, by=by, now=now, profile_id=profile_id,
        due_at=due_at, whole_day=whole_day,
    )  # fmt: skip
    return shown(profile_id, "task.set")


@door.post("/customers/<int:profile_id>/owner")
@requires("sales.work")
def set_owner(profile_id: int) -> str | Response:
    staff_id = request.form.get("owner_id", type=int)
    operations.set_owner(profile_id=profile_id, staff_id=staff_id, by=present().staff.name, now=clock.now())
    return shown(profile_id, "owner.set")


@door.post("/customers/<int:profile_id>/calls")
@requires("sales.work")
def log_call(profile_id: int) -> str | Response:
    form, now = request.form, clock.now()
    operations.log_call(
        profile_id=profile_id, direction=form.get("direction", ""), outcome=form.get("outcome", ""),
        body=form.get("body", ""), staff_id=present().staff.id, at=now, now=now,
    )  # fmt: skip
    return shown(profile_id, "call.logged")


@door.post("/customers/<int:profile_id>/deals")
@requires("sales.work")
def open_deal(profile_id: int) -> str | Response:
    operations.open_deal(profile_id=profile_id, offer=offer_asked(), by=present().staff.name, now=clock.now())
    return shown(profile_id, "deal.opened")


def shown(profile_id: int, action: str) -> str | Response:
    """On the audit trail; the part of the page that changed, or the page again."""
    audit.record(actor=actor(), action=action, subject_kind="profile", subject_id=profile_id, now=clock.now())
    if is_fragment():
        return render_template(
            "customers/work.html", profile_id=profile_id, said=DONE[action], **of_customer(profile_id)
        )
    return redirect(url_for("web.customer_work", profile_id=profile_id), 303)


def offer_asked() -> operations.Offer:
    """What the form says of a deal. Raises NotReadable."""
    form, currency = request.form, str(current_app.config["SETTINGS"].currency)
    value = form.get("value", "").strip()
    try:
        minor = money.to_minor(value, currency) if value else None
        next_on = date.fromisoformat(form["next_on"]) if form.get("next_on") else None
    except ValueError:
        text = gettext("Check the amount and the day.")
        raise NotReadable(text, errors={"value": [text]}) from None
    return operations.Offer(
        title=form.get("title", ""), value_minor=minor, currency=currency, next_step=form.get("next_step", ""),
        next_on=next_on, owner_id=owner_asked(),
    )  # fmt: skip


def owner_asked() -> int:
    """Who shall do it: oneself, when nobody is named."""
    return request.form.get("owner_id", type=int) or present().staff.id


def due_asked() -> tuple[datetime | None, bool]:
    """(until when, whether only the day was said), as the shop's clock has it. Raises NotReadable."""
    on, at = request.form.get("due_on", ""), request.form.get("due_time", "")
    if not on:
        return None, True
    try:
        return until(date.fromisoformat(on), time.fromisoformat(at) if at else None), not at
    except ValueError:
        text = gettext("Check the day and the hour.")
        raise NotReadable(text, errors={"due_on": [text]}) from None


def until(on: date, at: time | None) -> datetime:
    """The instant after which something due on a day, or at an hour of it, is late."""
    if at is not None:
        return datetime.combine(on, at, tzinfo=zone())
    return datetime.combine(on + timedelta(days=1), time(), tzinfo=zone()) - timedelta(seconds=1)


def zone() -> ZoneInfo:
    """Where the shop is."""
    return ZoneInfo(current_app.config["SETTINGS"].timezone)
