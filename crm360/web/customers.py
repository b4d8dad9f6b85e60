"""Finding customers, and the page of one."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.lists import asking
from crm360.web import customer_lists, customer_page, desk, found, list_view, named, palette, reads, walking
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires
from crm360.web.timeline import page_of
from crm360.web.visitors import present

MOST_LISTED = 50
MOST_SUGGESTED = 8
SHORTEST_QUERY = 2
MOST_DUE = 3


@door.get("/customers")
@requires("customers.read")
def customers() -> str | Response:
    query = request.args.get("q", "").strip()[:200]
    if query.startswith(palette.SIGN):
        return render_template("customers/actions.html", query=query, actions=palette.offered(present(), query))
    if not query and request.args.get("show") != "opened":
        return customer_lists.page()
    hits, beside = searched(query) if query else (opened(MOST_LISTED), list_view.tabs())
    walking.remember([hit.profile_id for hit in hits], query)
    actions = palette.offered(present(), query) if query else []
    return render_template("customers/list.html", query=query, hits=hits, most=MOST_LISTED, actions=actions, **beside)


def searched(query: str) -> tuple[list[found.Found], dict[str, Any]]:
    """The customers a query names, of those the address leaves, and what the form beside them shows."""
    asked = asking.read(request.args.items(multi=True))
    hits = found.by_query(query, limit=MOST_LISTED, now=clock.now(), keep=list_view.keeping(asked))
    return hits, list_view.beside(asked, query)


@door.get("/customers/suggestions")
@requires("customers.read")
def suggestions() -> str:
    query = request.args.get("q", "").strip()[:200]
    box = "".join(char for char in request.args.get("box", "seek") if char.isalnum())
    return render_template("customers/suggestions.html", query=query, box=box, most=MOST_SUGGESTED, **suggested(query))


def suggested(query: str) -> dict[str, Any]:
    """Customers and actions a query names; of an empty box, whom one opened and what one has to do."""
    if query.startswith(palette.SIGN):
        return {"actions": palette.offered(present(), query)}
    hits = suggested_people(query)
    if len(query) < SHORTEST_QUERY:
        return {"hits": hits, **desk.due_today(present().staff.id, limit=MOST_DUE)}
    return {"hits": hits, "actions": palette.offered(present(), query)}


def suggested_people(query: str) -> list[found.Found]:
    """Customers a query names; of an empty box, whom one opened last."""
    if len(query) < SHORTEST_QUERY:
        return opened(MOST_SUGGESTED)
    return found.by_query(query, limit=MOST_SUGGESTED, now=clock.now())


@door.get("/customers/picks")
@requires("customers.read")
def customer_picks() -> str:
    """Whom what is typed into a field of a form may mean."""
    box = "".join(char for char in request.args.get("box", "pick") if char.isalnum() or char == "-")
    query = request.args.get(request.args.get("field", ""), "").strip()[: named.LONGEST]
    told = named.number(query)
    hits = found.by_ids([told], now=clock.now()) if told else []
    hits = hits or ([] if query.startswith("#") else suggested_people(query))
    return render_template("customers/picks.html", box=box, query=query, hits=hits)


@door.get("/customers/<int:profile_id>")
@requires("customers.read")
def customer(profile_id: int) -> str | Response:
    contacts = identity.contacts_of(profile_id)
    if not contacts:
        return redirect(url_for("web.customer", profile_id=identity.current(profile_id)))
    reads.note_opened(profile_id)
    shown = page_of(profile_id)
    shown |= customer_page.head(profile_id, contacts, now=clock.now())
    shown["walk"] = walking.neighbours(profile_id)
    return render_template("customers/page.html", **shown)


@door.get("/customers/<int:profile_id>/more")
@requires("customers.read")
def more(profile_id: int) -> str | Response:
    shown = customer_page.more(profile_id)
    if not shown["contacts"]:
        return redirect(url_for("web.more", profile_id=identity.current(profile_id)))
    reads.note_opened(profile_id)
    return render_template("customers/more.html" if is_fragment() else "customers/more_page.html", **shown)


def opened(limit: int) -> list[found.Found]:
    """The customers this person opened last."""
    return found.by_ids(audit.recently_opened(present().staff.id, limit=limit), now=clock.now())
