"""The timeline as a part of the customer page, and as a page of its own for older entries."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.commerce import queries as commerce
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.kernel.errors import NotFound
from crm360.profiles import overview, timeline
from crm360.web import reads, timeline_view
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires

PER_PAGE = 50
#: What of an address narrows the timeline.
ASKED = ("show", "find", "from", "to")
LONGEST_WORDS = 100
#: A chip may stand for several groups.
CHIPS: dict[str, tuple[str, ...]] = {
    "order": ("order",), "cart": ("cart",), "message": ("message", "conversation"), "email": ("email",),
    "page": ("page", "screen"), "consent": ("consent",), "note": ("note", "survey", "tag", "call", "task", "deal", "owner"), "identity": ("identity",),
    "custom": ("custom",),
}  # fmt: skip


class NoSuchOrder(NotFound):
    """No order has this id, or another customer's has."""


@door.get("/customers/<int:profile_id>/timeline")
@requires("customers.read")
def timeline_of(profile_id: int) -> str | Response:
    shown = page_of(profile_id)
    if not shown["spans"] and (now_at := identity.current(profile_id)) != profile_id:
        return redirect(url_for("web.timeline_of", profile_id=now_at))
    reads.note_opened(profile_id)
    name = "customers/timeline_part.html" if is_fragment() else "customers/timeline_page.html"
    if is_fragment() and request.args.get("before"):
        name = "customers/timeline_older.html"
    return render_template(name, **shown)


@door.get("/customers/<int:profile_id>/orders/<int:order_id>")
@requires("customers.read")
def order_lines(profile_id: int, order_id: int) -> str:
    order = commerce.find_order(order_id)
    if order is None or order.contact_id is None or owner(order.contact_id) != profile_id:
        raise NoSuchOrder(gettext("This customer has no such order."))
    lines = commerce.lines_of([order_id]).get(order_id, [])
    name = "customers/lines.html" if is_fragment() else "customers/lines_page.html"
    return render_template(name, profile_id=profile_id, order=order, lines=lines)


def owner(contact_id: int) -> int | None:
    """The customer a contact belongs to now."""
    return identity.profile_ids([contact_id]).get(contact_id)


def page_of(profile_id: int) -> dict[str, Any]:
    """What the timeline's templates need, for the filters of the address."""
    zone, chip = ZoneInfo(current_app.config["SETTINGS"].timezone), request.args.get("show", "")
    since, until = day_asked("from", zone), day_asked("to", zone)
    words = " ".join(request.args.get("find", "").split())[:LONGEST_WORDS]
    asks: dict[str, Any] = {
        "profile_id": profile_id, "groups": CHIPS.get(chip, ()), "since": since, "limit": PER_PAGE,
        "until": until + timedelta(days=1) if until else None, "before": request.args.get("before") or None,
    }  # fmt: skip
    if words:
        page = timeline.search(matches=timeline_view.matcher(words, profile_id), **asks)
    else:
        page = timeline.page(**asks)
    asked: dict[str, Any] = {name: request.args[name] for name in ASKED if request.args.get(name)}
    older = (
        url_for("web.timeline_of", profile_id=profile_id, before=page.next_cursor, **asked) if page.next_cursor else ""
    )
    return {
        "profile_id": profile_id,
        "spans": timeline_view.spans(page.entries, profile_id=profile_id, zone=zone, now=clock.now()),
        "page": page,
        "older": older,
        "show": chip,
        "since": request.args.get("from", ""),
        "until": request.args.get("to", ""),
        "words": words,
        "asked": {name: value for name, value in asked.items() if name != "show"},
        "is_first": not asks["before"],
        **figures(profile_id),
    }


def figures(profile_id: int) -> dict[str, Any]:
    """The chips' counts and the last message; a further page of the timeline shows neither."""
    if request.args.get("before"):
        return {"chips": [], "last_contact": None}
    known = overview.overview(profile_id)
    return {"chips": chips(known.counts), "last_contact": known.last_contact}


def chips(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Filters that would show something, with how much."""
    known = {name: sum(counts.get(group, 0) for group in groups) for name, groups in CHIPS.items()}
    return [(name, count) for name, count in known.items() if count]


def day_asked(name: str, zone: ZoneInfo) -> datetime | None:
    """Midnight of a day in the reader's time zone; what is no date is not asked."""
    try:
        return datetime.combine(date.fromisoformat(request.args.get(name, "")), time(), tzinfo=zone)
    except ValueError:
        return None
